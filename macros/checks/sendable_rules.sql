{#
  What each vendor takes, by field. kind names the checks in sendable_checks.sql; max_length counts
  bytes for an identifier, characters for everything else. The entry '*' is any other field.

  Braze: https://www.braze.com/docs/api/objects_filters/user_attributes_object,
         https://www.braze.com/docs/user_guide/data/custom_data/custom_attributes, read 2026-11-22
  Iterable: https://support.iterable.com/hc/en-us/articles/208183076,
         https://support.iterable.com/hc/en-us/articles/217744303, read 2026-11-22
#}
{% macro sendable_rules() %}
    {% set subscription_state = {'kind': 'choice', 'choices': ['opted_in', 'subscribed', 'unsubscribed']} %}
    {{ return({
        'braze': {
            'external_id': {'kind': 'identifier', 'max_length': 987},
            'user_alias.alias_name': {'kind': 'identifier', 'max_length': 236},
            'user_alias.alias_label': {'kind': 'identifier', 'max_length': 236},
            'email': {'kind': 'email'},
            'phone': {'kind': 'phone'},
            'dob': {'kind': 'date'},
            'gender': {'kind': 'choice', 'choices': ['M', 'F', 'O', 'N', 'P']},
            'country': {'kind': 'country'},
            'language': {'kind': 'language'},
            'image_url': {'kind': 'url', 'max_length': 1024},
            'email_subscribe': subscription_state,
            'push_subscribe': subscription_state,
            '*': {'kind': 'text', 'max_length': 255},
        },
        'iterable': {
            'email': {'kind': 'email'},
            'userId': {'kind': 'identifier'},
            'phoneNumber': {'kind': 'phone'},
            '*': {'kind': 'text', 'max_length': 32000},
        },
    }) }}
{% endmacro %}


{# The rule of one field, as a dictionary of its own. Stops the compilation at an unknown vendor. #}
{% macro sendable_rule(vendor, field) %}
    {% set rules = roo_dbt.sendable_rules() %}
    {% if vendor not in rules %}
        {{ exceptions.raise_compiler_error(
            "roo_dbt.sendable: unknown vendor '" ~ vendor ~ "'. Known: " ~ rules.keys() | join(', ')
        ) }}
    {% endif %}
    {{ return(dict(rules[vendor].get(field, rules[vendor]['*']))) }}
{% endmacro %}
