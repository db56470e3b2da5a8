{{ config(materialized='ephemeral', meta={'roo': {'key': 'customer_id', 'destinations': []}}) }}
select customer_id from {{ ref('stg_customers') }}
