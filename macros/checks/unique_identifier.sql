{#
  Generic test: no two rows are the same user, as the vendor compares its identifiers.

  vendor       braze, iterable or webhook
  field        the vendor's name of the identifier; the column's name when left out
  beside       further columns of the identifier, in the vendor's order: an alias has a name and a label
  compare      exact or lower, instead of what the vendor does
  allow_nulls  true lets null and blank values pass; they are no users, and never equal

  Returns every row of a user that several rows are, and every row that is none, with the reason in
  roo_dbt_problem.
#}
{% test unique_identifier(
    model, column_name, vendor=none, field=none, beside=[], compare=none, allow_nulls=false
) %}

{%- set how = roo_dbt.identifier_comparison(vendor, field or column_name, compare) -%}
{%- set columns = [column_name] + ([beside] if beside is string else beside) -%}

with identified as (

    select
        *,
        {%- for column in columns %}
        {{ roo_dbt.identifier_text(column, how) }} as roo_dbt_identifier_{{ loop.index }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ model }}

),

counted as (

    select
        *,
        count(*) over (
            partition by
            {%- for _ in columns %} roo_dbt_identifier_{{ loop.index }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        ) as roo_dbt_rows
    from identified

),

judged as (

    select
        *,
        case
            {%- for _ in columns %}
            when roo_dbt_identifier_{{ loop.index }} is null then {{ 'null' if allow_nulls else "'null or blank'" }}
            {%- endfor %}
            when roo_dbt_rows > 1 then 'the same user in several rows'
        end as roo_dbt_problem
    from counted

)

select * from judged
where roo_dbt_problem is not null

{% endtest %}
