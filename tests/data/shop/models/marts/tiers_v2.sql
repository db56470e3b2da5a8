select plan, count(*) as members from {{ ref('stg_customers') }} group by 1
