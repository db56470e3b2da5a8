with placed as (

    select * from {{ ref('raw_orders') }}

    union all

    select * from {{ ref('day_two_orders') }}
    where {{ var('day') }} >= 2

)

select
    placed.order_id,
    placed.customer_id,
    placed.ordered_at,
    products.category,
    placed.quantity * products.price as amount
from placed
join {{ ref('raw_products') }} as products using (product_id)
where placed.status = 'completed'
