with orders as (

    select
        customer_id,
        count(*) as orders_count,
        sum(amount) as lifetime_value,
        max(ordered_at) as last_ordered_at,
        arg_max(category, (ordered_at, order_id)) as latest_category
    from {{ ref('stg_orders') }}
    group by customer_id

)

select
    customers.customer_id,
    customers.email,
    customers.first_name,
    customers.last_name,
    customers.phone,
    customers.birth_date,
    customers.city,
    customers.country_code,
    customers.plan,
    customers.newsletter_opt_in,
    customers.is_test_account,
    customers.created_at,
    coalesce(orders.orders_count, 0) as orders_count,
    coalesce(orders.lifetime_value, 0)::decimal(12, 2) as lifetime_value,
    orders.last_ordered_at,
    orders.latest_category
from {{ ref('stg_customers') }} as customers
left join orders using (customer_id)
