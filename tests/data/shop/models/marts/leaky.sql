{{ config(meta={'roo': {'key': 'customer_id', 'note': env_var('SHOP_NOTE')}}) }}
select customer_id from {{ ref('stg_customers') }}
