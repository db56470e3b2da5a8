select distinct plan from {{ ref('stg_customers') }}
