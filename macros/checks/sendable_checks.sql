{#
  The checks of a rule, in the order in which they are asked: a list of {holds, otherwise}, where
  holds is a condition over the value as text and otherwise the reason when it is not met.
#}
{% macro sendable_checks(value, rule) %}
    {% set checks = [] %}
    {% set not_blank = {'holds': 'trim(' ~ value ~ ") <> ''", 'otherwise': 'blank'} %}

    {% if rule.kind == 'identifier' %}
        {% do checks.append(not_blank) %}
        {% if rule.max_length %}
            {% do checks.append({
                'holds': roo_dbt.sendable_bytes(value) ~ ' <= ' ~ rule.max_length,
                'otherwise': 'longer than ' ~ rule.max_length ~ ' bytes',
            }) %}
        {% endif %}
    {% elif rule.kind == 'email' %}
        {% do checks.extend([not_blank, {
            'holds': roo_dbt.sendable_looks_like_email(value), 'otherwise': 'not an e-mail address'
        }]) %}
    {% elif rule.kind == 'phone' %}
        {% do checks.extend([not_blank, {
            'holds': roo_dbt.sendable_looks_like_phone(value), 'otherwise': 'not an E.164 phone number'
        }]) %}
    {% elif rule.kind == 'date' %}
        {% do checks.append({
            'holds': value ~ " like '____-__-__' and " ~ roo_dbt.sendable_only(value, '-0123456789'),
            'otherwise': 'not a date, YYYY-MM-DD',
        }) %}
    {% elif rule.kind == 'country' %}
        {% do checks.append({
            'holds': 'upper(' ~ value ~ ") in ('" ~ roo_dbt.sendable_countries() | join("', '") ~ "')",
            'otherwise': 'not an ISO 3166-1 alpha-2 country code',
        }) %}
    {% elif rule.kind == 'language' %}
        {% do checks.append({
            'holds': value ~ " in ('" ~ roo_dbt.sendable_languages() | join("', '") ~ "')",
            'otherwise': 'not a language code that Braze lists',
        }) %}
    {% elif rule.kind == 'choice' %}
        {% do checks.append({
            'holds': value ~ " in ('" ~ rule.choices | join("', '") ~ "')",
            'otherwise': 'not one of ' ~ rule.choices | join(', '),
        }) %}
    {% elif rule.kind == 'url' %}
        {% do checks.append({
            'holds': value ~ " like 'http://_%' or " ~ value ~ " like 'https://_%'", 'otherwise': 'not a URL'
        }) %}
    {% endif %}

    {% if rule.max_length and rule.kind != 'identifier' %}
        {% do checks.append({
            'holds': 'length(' ~ value ~ ') <= ' ~ rule.max_length,
            'otherwise': 'longer than ' ~ rule.max_length ~ ' characters',
        }) %}
    {% endif %}
    {{ return(checks) }}
{% endmacro %}
