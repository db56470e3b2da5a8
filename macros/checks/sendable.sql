{#
  Generic test: the column's values are ones that the vendor's field takes.

  vendor      braze or iterable
  field       the vendor's name of the field; the column's name when left out
  required    true refuses null; identifiers are always required
  max_length  characters (bytes for an identifier) instead of the vendor's own maximum

  Returns the rows that would not arrive as they are, with the reason in roo_dbt_problem.
#}
{% test sendable(model, column_name, vendor, field=none, required=false, max_length=none) %}

{%- set rule = roo_dbt.sendable_rule(vendor, field or column_name) -%}
{%- if max_length is not none -%}
  {%- do rule.update({'max_length': max_length}) -%}
{%- endif -%}

with judged as (

    select
        *,
        case
            {%- if required or rule.kind == 'identifier' %}
            when {{ column_name }} is null then 'null'
            {%- endif %}
            when {{ column_name }} is null then cast(null as {{ dbt.type_string() }})
            {%- for check in roo_dbt.sendable_checks(roo_dbt.sendable_text(column_name), rule) %}
            when not ({{ check.holds }}) then '{{ check.otherwise }}'
            {%- endfor %}
        end as roo_dbt_problem
    from {{ model }}

)

select * from judged
where roo_dbt_problem is not null

{% endtest %}
