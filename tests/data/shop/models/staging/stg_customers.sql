select id as customer_id, email, plan, cast(updated_at as date) as updated_at from {{ ref("raw_customers") }}
