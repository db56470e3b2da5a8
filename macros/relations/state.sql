{#
  Both relations name a source, so that dbt's graph knows that a model comes after a sync
  (`--select source:roo_state+`). Where the table is, they find themselves, as `roo-dbt` does.
#}

{# What every sync did with every change: one row per change and run. #}
{% macro outcomes() %}
    {% do source('roo_state', 'roo_outcomes') %}
    {% set relation = roo_dbt.state_relation('roo_outcomes') %}
    {% do roo_dbt.require_state('outcomes()', relation) %}
    {{ return(relation) }}
{% endmacro %}


{# The records of a destination as it last accepted them, a column for every field. #}
{% macro snapshot_of(destination) %}
    {% do source('roo_state', 'roo_destinations') %}
    {% set relation = roo_dbt.state_relation('snapshot__' ~ destination) %}
    {% do roo_dbt.require_state("snapshot_of('" ~ destination ~ "')", relation) %}
    {{ return(relation) }}
{% endmacro %}


{# A table of the state schema, which is where `roo-dbt sync` puts it: `vars: roo:`, else beside the target. #}
{% macro state_relation(name) %}
    {% set settings = var('roo', none) or {} %}
    {% for setting in ('state_schema', 'state_database') if '${' in (settings.get(setting) or '') %}
        {{ exceptions.raise_compiler_error(
            'roo_dbt: ' ~ setting ~ ' of vars: roo: is ' ~ settings[setting] ~ ', which dbt does not read. '
            ~ 'Write the name itself, so that models can select from the state tables.'
        ) }}
    {% endfor %}
    {{ return(api.Relation.create(
        database=settings.get('state_database') or target.database,
        schema=settings.get('state_schema') or (target.schema or 'main') ~ '_roo',
        identifier=name,
    )) }}
{% endmacro %}


{# Where something is about to select from a table that no sync has made, say so in words. #}
{% macro require_state(asked, relation) %}
    {% if execute and flags.WHICH in ('run', 'build', 'test', 'show') and not roo_dbt.is_there(relation) %}
        {% set names = roo_dbt.state_relation('roo_destinations') %}
        {% set known = [] %}
        {% if 'snapshot_of' in asked and roo_dbt.is_there(names) %}
            {% set exported = 'select destination from ' ~ names ~ ' where snapshot_shape is not null order by 1' %}
            {% do known.extend(run_query(exported).columns[0].values()) %}
        {% endif %}
        {{ exceptions.raise_compiler_error(
            'roo_dbt.' ~ asked ~ ': there is no table ' ~ relation ~ ' yet'
            ~ ('; there are snapshots of ' ~ known | join(', ') if known)
            ~ '. `roo-dbt sync` makes it, for the target ' ~ target.name ~ '.'
        ) }}
    {% endif %}
{% endmacro %}


{% macro is_there(relation) %}
    {{ return(adapter.get_relation(relation.database, relation.schema, relation.identifier) is not none) }}
{% endmacro %}
