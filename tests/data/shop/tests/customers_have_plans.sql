select * from {{ ref('customers') }} where plan is null
