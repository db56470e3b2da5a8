select customer_id, email, plan from {{ ref('stg_customers') }}
