{{ config(enabled=false, meta={'roo': {'key': 'customer_id'}}) }}
select 1 as customer_id
