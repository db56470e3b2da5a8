-- The customers as they are on the day that `--vars 'day: 1'` or `'day: 2'` names.

with day_one as (

    select *, false as closed_account from {{ ref('raw_customers') }}

),

overnight as (

    select * from {{ ref('day_two_customers') }}
    where {{ var('day') }} >= 2

)

select * exclude (closed_account) from overnight
where not closed_account

union all by name

select * exclude (closed_account) from day_one
where customer_id not in (select customer_id from overnight)
