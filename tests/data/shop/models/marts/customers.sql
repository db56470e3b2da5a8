select c.*, coalesce(sum(o.amount), 0) as ltv from {{ ref('stg_customers') }} c left join {{ ref('stg_orders') }} o using (customer_id) group by all
