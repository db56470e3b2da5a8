select
    customer_id,
    email,
    first_name,
    country_code,
    plan,
    orders_count,
    lifetime_value,
    last_ordered_at,
    latest_category
from {{ ref('customers') }}
where newsletter_opt_in and not is_test_account
