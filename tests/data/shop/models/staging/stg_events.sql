-- depends_on: {{ ref('raw_orders') }}
select id as event_id, customer_id from {{ source('warehouse', 'raw_orders') }}
