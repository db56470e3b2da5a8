{#
  How each vendor compares its identifiers: byte by byte, or trimmed and in lower case.

  Braze: https://www.braze.com/docs/api/objects_filters/user_attributes_object,
         https://www.braze.com/docs/user_guide/data/user_data_collection/user_profile_lifecycle
  Iterable: https://support.iterable.com/hc/articles/9216719179796, all read 2026-11-22
#}
{% macro identifiers() %}
    {{ return({
        'braze': {
            'external_id': 'exact',
            'braze_id': 'exact',
            'user_alias.alias_name': 'exact',
            'user_alias.alias_label': 'exact',
            'email': 'lower',
            'phone': 'exact',
        },
        'iterable': {
            'email': 'lower',
            'userId': 'exact',
        },
        'webhook': {
            'id': 'exact',
        },
    }) }}
{% endmacro %}


{# exact or lower, for one identifier. Stops the compilation where nobody can know. #}
{% macro identifier_comparison(vendor, field, compare) %}
    {% set known = roo_dbt.identifiers() %}
    {% if compare is not none %}
        {% if compare not in ('exact', 'lower') %}
            {{ exceptions.raise_compiler_error(
                "roo_dbt.unique_identifier: compare must be exact or lower, not '" ~ compare ~ "'."
            ) }}
        {% endif %}
        {{ return(compare) }}
    {% elif vendor not in known %}
        {{ exceptions.raise_compiler_error(
            "roo_dbt.unique_identifier: " ~ ("unknown vendor '" ~ vendor ~ "'" if vendor else 'vendor is missing')
            ~ '. Known: ' ~ known.keys() | join(', ')
            ~ '. For another one write compare: exact, or compare: lower.'
        ) }}
    {% elif field not in known[vendor] %}
        {{ exceptions.raise_compiler_error(
            "roo_dbt.unique_identifier: '" ~ field ~ "' is no identifier of " ~ vendor ~ '. Write field: '
            ~ known[vendor].keys() | join(', or field: ') ~ '.'
        ) }}
    {% endif %}
    {{ return(known[vendor][field]) }}
{% endmacro %}


{# A part of an identifier as the vendor compares it; null when there is none, so that it equals nothing. #}
{% macro identifier_text(column, how) %}
    {% set text = roo_dbt.sendable_text(column) %}
    {% if how == 'lower' %}
        {{ return("nullif(lower(trim(" ~ text ~ ")), '')") }}
    {% endif %}
    {{ return("case when trim(" ~ text ~ ") <> '' then " ~ text ~ ' end') }}
{% endmacro %}
