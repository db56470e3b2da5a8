{#
  The few expressions that differ between warehouses. Override one in your own project by a macro
  called <adapter>__<name>, and name your project before roo_dbt in a `dispatch:` entry.
#}

{% macro sendable_text(column) %}
    {{ return(adapter.dispatch('sendable_text', 'roo_dbt')(column)) }}
{% endmacro %}

{% macro default__sendable_text(column) %}
    {{ return('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }}
{% endmacro %}


{# Length in bytes of UTF-8. #}
{% macro sendable_bytes(value) %}
    {{ return(adapter.dispatch('sendable_bytes', 'roo_dbt')(value)) }}
{% endmacro %}

{% macro default__sendable_bytes(value) %}
    {{ return('octet_length(' ~ value ~ ')') }}
{% endmacro %}

{% macro duckdb__sendable_bytes(value) %}
    {{ return('strlen(' ~ value ~ ')') }}
{% endmacro %}

{% macro bigquery__sendable_bytes(value) %}
    {{ return('byte_length(' ~ value ~ ')') }}
{% endmacro %}


{# The value holds no character but these. #}
{% macro sendable_only(value, characters) %}
    {{ return(adapter.dispatch('sendable_only', 'roo_dbt')(value, characters)) }}
{% endmacro %}

{% macro default__sendable_only(value, characters) %}
    {{ return('length(translate(' ~ value ~ ", '" ~ characters ~ "', '')) = 0") }}
{% endmacro %}


{# One @ with something before it and a dotted name after it, and no blank. The vendor checks more. #}
{% macro sendable_looks_like_email(value) %}
    {{ return(adapter.dispatch('sendable_looks_like_email', 'roo_dbt')(value)) }}
{% endmacro %}

{% macro default__sendable_looks_like_email(value) %}
    {{ return(
        value ~ " like '_%@_%._%' and " ~ value ~ " not like '% %' and " ~ value ~ " not like '%..%' and "
        ~ value ~ " not like '%@.%' and " ~ value ~ " not like '%.' and "
        ~ 'length(' ~ value ~ ') - length(replace(' ~ value ~ ", '@', '')) = 1"
    ) }}
{% endmacro %}


{# E.164: a plus sign, then 2 to 15 digits without a leading zero. #}
{% macro sendable_looks_like_phone(value) %}
    {{ return(adapter.dispatch('sendable_looks_like_phone', 'roo_dbt')(value)) }}
{% endmacro %}

{% macro default__sendable_looks_like_phone(value) %}
    {{ return(
        value ~ " like '+__%' and " ~ value ~ " not like '+0%' and length(" ~ value ~ ') <= 16 and '
        ~ value ~ " not like '_%+%' and " ~ roo_dbt.sendable_only(value, '+0123456789')
    ) }}
{% endmacro %}
