-- The documentation of what is used here:
-- https://docs.snowflake.com/en/sql-reference/sql/create-table
-- https://docs.snowflake.com/en/sql-reference/sql/update
-- https://docs.snowflake.com/en/sql-reference/sql/delete
-- https://docs.snowflake.com/en/sql-reference/functions/row_number
-- https://docs.snowflake.com/en/sql-reference/functions/is-distinct-from
-- https://docs.snowflake.com/en/sql-reference/functions/try_cast
-- https://docs.snowflake.com/en/sql-reference/functions/filter
-- https://docs.snowflake.com/en/sql-reference/functions/to_json

-- the state tables
CREATE SCHEMA IF NOT EXISTS shop.main_roo;
CREATE TABLE IF NOT EXISTS shop.main_roo.roo_state (version NUMBER(38,0));
SELECT max(version)
  FROM shop.main_roo.roo_state;
UPDATE shop.main_roo.roo_state SET version = 1
  WHERE true;
CREATE TABLE IF NOT EXISTS shop.main_roo.roo_runs (run_id VARCHAR, destination VARCHAR, unique_id VARCHAR, app VARCHAR, object VARCHAR, target VARCHAR, host VARCHAR, pid NUMBER(38,0), started_at TIMESTAMP_NTZ(9), finished_at TIMESTAMP_NTZ(9), status VARCHAR, message VARCHAR, model_rows NUMBER(38,0), created NUMBER(38,0), updated NUMBER(38,0), deleted NUMBER(38,0), unchanged NUMBER(38,0), skipped NUMBER(38,0), failed NUMBER(38,0), unknown NUMBER(38,0), held NUMBER(38,0), requests NUMBER(38,0), retries NUMBER(38,0), overrides VARCHAR);
CREATE TABLE IF NOT EXISTS shop.main_roo.roo_outcomes (run_id VARCHAR, destination VARCHAR, key VARCHAR, operation VARCHAR, outcome VARCHAR, code VARCHAR, message VARCHAR, time TIMESTAMP_NTZ(9));
CREATE TABLE IF NOT EXISTS shop.main_roo.roo_locks (destination VARCHAR, run_id VARCHAR, host VARCHAR, pid NUMBER(38,0), taken_at TIMESTAMP_NTZ(9), heartbeat_at TIMESTAMP_NTZ(9));
CREATE TABLE IF NOT EXISTS shop.main_roo.roo_destinations (destination VARCHAR, unique_id VARCHAR, app VARCHAR, object VARCHAR, endpoint VARCHAR, workspace VARCHAR, key_columns VARCHAR, identifier VARCHAR, snapshot_shape VARCHAR, pending_run VARCHAR, pending_shape VARCHAR, created_at TIMESTAMP_NTZ(9), updated_at TIMESTAMP_NTZ(9));
CREATE TABLE IF NOT EXISTS shop.main_roo.roo_unaccepted (destination VARCHAR, key VARCHAR, operation VARCHAR, status VARCHAR, code VARCHAR, message VARCHAR, attempts NUMBER(38,0), first_at TIMESTAMP_NTZ(9), last_at TIMESTAMP_NTZ(9), permanent BOOLEAN, fingerprint VARCHAR);
CREATE TABLE IF NOT EXISTS shop.main_roo.roo_former_identifiers (app VARCHAR, fields VARCHAR, identifier VARCHAR, went_to VARCHAR, destination VARCHAR, since TIMESTAMP_NTZ(9));
CREATE TABLE IF NOT EXISTS shop.main_roo.roo_acknowledged (destination VARCHAR, run_id VARCHAR, first_seq NUMBER(38,0), last_seq NUMBER(38,0), status VARCHAR, code VARCHAR, message VARCHAR, permanent BOOLEAN);
INSERT INTO shop.main_roo.roo_state SELECT 1
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_state);

-- sync 1: the lock
INSERT INTO shop.main_roo.roo_locks (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_locks
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM shop.main_roo.roo_locks
  WHERE destination = ?;
UPDATE shop.main_roo.roo_locks SET run_id = ?, host = ?, pid = ?, taken_at = SYSDATE(), heartbeat_at = SYSDATE()
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < DATEADD(second, -60, SYSDATE()));
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
UPDATE shop.main_roo.roo_runs SET status = 'error', finished_at = SYSDATE(), message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO shop.main_roo.roo_runs (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, SYSDATE(), 'running');

-- sync 1: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) c;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS VARCHAR) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS VARCHAR))), '') AS identifier
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS VARCHAR))), '') AS identifier
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__candidates AS SELECT 'create' AS roo_operation, c."key__id", c."email" AS "n_email", CAST(NULL AS VARCHAR) AS "o_email", c."home_city" AS "n_home_city", CAST(NULL AS VARCHAR) AS "o_home_city", c."ltv" AS "n_ltv", CAST(NULL AS FLOAT) AS "o_ltv", c."spent" AS "n_spent", CAST(NULL AS NUMBER(10,2)) AS "o_spent", c."seen" AS "n_seen", CAST(NULL AS TIMESTAMP_TZ(9)) AS "o_seen", c."dob" AS "n_dob", CAST(NULL AS DATE) AS "o_dob", c."doc" AS "n_doc", CAST(NULL AS VARIANT) AS "o_doc", c."tags" AS "n_tags", CAST(NULL AS ARRAY) AS "o_tags", c."source" AS "n_source", CAST(NULL AS VARCHAR) AS "o_source", c."_group_vip" AS "n__group_vip", CAST(NULL AS BOOLEAN) AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", CAST(NULL AS ARRAY) AS "o__groups_segments", false AS roo_departed, false AS roo_dirty, false AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS VARCHAR) AS roo_inherited, CAST(NULL AS VARCHAR) AS roo_successors
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) c;
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM shop.main_roo.roo_former_identifiers
  WHERE app = 'iterable' AND fields = '["email"]') f;
SELECT CAST(c."key__id" AS VARCHAR), count(*), count(*) OVER ()
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
CREATE OR REPLACE TRANSIENT TABLE shop.main_roo.changes__people AS SELECT row_number() OVER (ORDER BY 1) AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN d.identifier IS NOT NULL THEN 'failed' END AS roo_status, CASE WHEN d.identifier IS NOT NULL THEN 'duplicate_identifier' END AS roo_code, CASE WHEN d.identifier IS NOT NULL THEN 'record ' || d.roo_key || ' has the same identifier and the lower key, so it goes instead' END AS roo_message, coalesce(false, false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS VARCHAR) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN roo_temporary__duplicates d ON x.roo_operation IN ('create', 'update') AND nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), '') = d.identifier AND x.roo_key <> d.roo_key
  WHERE NOT false) z
  ORDER BY 1;
DROP TABLE IF EXISTS roo_temporary__candidates;
DROP TABLE IF EXISTS roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END)
  FROM shop.main_roo.changes__people;
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM shop.main_roo.changes__people
  WHERE roo_seq <= 5;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_email" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_home_city" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_ltv" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_spent" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_seen" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_dob" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_doc" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_tags" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_source" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n__group_vip" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n__groups_segments" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END)
  FROM shop.main_roo.changes__people
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 5;
SELECT DISTINCT roo_inherited
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT CAST(f.value AS VARCHAR) AS name
  FROM (SELECT ARRAY_CAT(COALESCE("n__groups_segments", ARRAY_CONSTRUCT()), COALESCE("o__groups_segments", ARRAY_CONSTRUCT())) AS names
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) r, LATERAL FLATTEN(input => r.names) f) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM shop.main_roo.changes__people
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 5
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
INSERT INTO shop.main_roo.roo_destinations (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, SYSDATE()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_destinations
  WHERE destination = ?);
UPDATE shop.main_roo.roo_destinations SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE shop.main_roo.roo_destinations SET pending_run = ?, pending_shape = ?, updated_at = SYSDATE()
  WHERE destination = ?;

-- sync 1: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"home_city":' || coalesce(TO_JSON(TO_VARIANT("n_home_city")), 'null') || ',"ltv":' || coalesce(CASE WHEN "n_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("n_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("n_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("n_ltv")) ELSE TO_JSON(TO_VARIANT("n_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS VARCHAR) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN '{}' END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_email" IS NOT NULL) OR roo_dirty) THEN 'email' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_home_city" IS NOT NULL) OR roo_dirty) THEN 'home_city' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_ltv" IS NOT NULL) OR roo_dirty) THEN 'ltv' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_spent" IS NOT NULL) OR roo_dirty) THEN 'spent' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_seen" IS NOT NULL) OR roo_dirty) THEN 'seen' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_dob" IS NOT NULL) OR roo_dirty) THEN 'dob' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_doc" IS NOT NULL) OR roo_dirty) THEN 'doc' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_tags" IS NOT NULL) OR roo_dirty) THEN 'tags' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n_source" IS NOT NULL) OR roo_dirty) THEN 'source' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n__group_vip" IS NOT NULL) OR roo_dirty) THEN '@group:VIP' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("n__groups_segments" IS NOT NULL) OR roo_dirty) THEN '@groups:SEGMENTS' END)), ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM shop.main_roo.changes__people
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO shop.main_roo.roo_acknowledged VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO shop.main_roo.roo_acknowledged VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 1: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_acknowledged a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 1' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM shop.main_roo.roo_acknowledged
  WHERE destination = 'people' AND run_id = 'run 1' AND status IN ('written', 'renamed', 'lost');
CREATE OR REPLACE TRANSIENT TABLE shop.main_roo.rebuilt__people AS SELECT CAST(c."key__id" AS NUMBER(38,0)) AS "key__id", c."n_email" AS "email", c."n_home_city" AS "home_city", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR false)) AS roo_dirty, false AS roo_whole, SYSDATE() AS roo_synced_at
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE shop.main_roo.rebuilt__people AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE shop.main_roo.rebuilt__people AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
INSERT INTO shop.main_roo.roo_outcomes SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, SYSDATE()
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_outcomes o
  WHERE o.run_id = ? AND o.destination = ? AND o.key = c.roo_key);
INSERT INTO shop.main_roo.roo_former_identifiers (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, SYSDATE()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS VARCHAR) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS VARCHAR) END AS went_to
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS VARCHAR) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS VARCHAR) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_former_identifiers f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, SYSDATE()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"home_city":' || coalesce(TO_JSON(TO_VARIANT("n_home_city")), 'null') || ',"ltv":' || coalesce(CASE WHEN "n_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("n_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("n_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("n_ltv")) ELSE TO_JSON(TO_VARIANT("n_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS VARCHAR) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || '}') END) AS fingerprint
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN shop.main_roo.roo_unaccepted u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DELETE
  FROM shop.main_roo.roo_unaccepted u
  WHERE u.destination = ? AND EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO shop.main_roo.roo_unaccepted SELECT ?, roo_key, operation, status, code, message, attempts, first_at, SYSDATE(), permanent, fingerprint
  FROM roo_temporary__failed;
UPDATE shop.main_roo.roo_destinations SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = SYSDATE()
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM shop.main_roo.roo_acknowledged
  WHERE destination = ?;
DROP TABLE IF EXISTS shop.main_roo.changes__people;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
CREATE OR REPLACE TRANSIENT TABLE shop.main_roo.snapshot__people AS SELECT *
  FROM shop.main_roo.rebuilt__people;
UPDATE shop.main_roo.roo_destinations SET pending_shape = NULL
  WHERE destination = ? AND pending_run IS NULL;
DROP TABLE IF EXISTS shop.main_roo.rebuilt__people;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
UPDATE shop.main_roo.roo_runs SET finished_at = SYSDATE(), status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM shop.main_roo.roo_outcomes
  WHERE destination = ? AND time < DATEADD(second, -2592000, SYSDATE());
DELETE
  FROM shop.main_roo.roo_runs
  WHERE destination = ? AND started_at < DATEADD(second, -2592000, SYSDATE());
UPDATE shop.main_roo.roo_locks SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- sync 2: the lock
INSERT INTO shop.main_roo.roo_locks (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_locks
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM shop.main_roo.roo_locks
  WHERE destination = ?;
UPDATE shop.main_roo.roo_locks SET run_id = ?, host = ?, pid = ?, taken_at = SYSDATE(), heartbeat_at = SYSDATE()
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < DATEADD(second, -60, SYSDATE()));
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
UPDATE shop.main_roo.roo_runs SET status = 'error', finished_at = SYSDATE(), message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO shop.main_roo.roo_runs (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, SYSDATE(), 'running');

-- sync 2: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__withheld AS SELECT k1, min(test) AS test
  FROM (SELECT CAST(m."ID" AS VARCHAR) AS k1, 'not_null_city' AS test
  FROM shop.main.customers m
  WHERE EXISTS (SELECT 1
  FROM shop.main.customers f
  WHERE CAST(f."ID" AS VARCHAR) = CAST(m."ID" AS VARCHAR))) x
  GROUP BY k1;
SELECT CAST(o."key__id" AS VARCHAR), EXISTS (SELECT 1
  FROM shop.main_roo.snapshot__people s
  WHERE CAST(o."key__id" AS VARCHAR) = CAST(s."key__id" AS VARCHAR)), w.test
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) o
  JOIN roo_temporary__withheld w ON CAST(o."key__id" AS VARCHAR) = w.k1
  ORDER BY 1 LIMIT 5;
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) c;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS VARCHAR) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS VARCHAR))), '') AS identifier
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS VARCHAR))), '') AS identifier
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__candidates AS SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c."key__id", s."key__id") AS NUMBER(38,0)) AS "key__id", c."email" AS "n_email", s."email" AS "o_email", c."home_city" AS "n_home_city", s."home_city" AS "o_home_city", c."ltv" AS "n_ltv", s."ltv" AS "o_ltv", c."spent" AS "n_spent", s."spent" AS "o_spent", c."seen" AS "n_seen", s."seen" AS "o_seen", c."dob" AS "n_dob", s."dob" AS "o_dob", c."doc" AS "n_doc", s."doc" AS "o_doc", c."tags" AS "n_tags", s."tags" AS "o_tags", c."source" AS "n_source", s."source" AS "o_source", c."_group_vip" AS "n__group_vip", s."_group_vip" AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", s."_groups_segments" AS "o__groups_segments", coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS VARCHAR) AS roo_inherited, CAST(NULL AS VARCHAR) AS roo_successors
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) c
  FULL JOIN shop.main_roo.snapshot__people s ON c."key__id" = s."key__id"
  WHERE s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT (c."email" IS NOT DISTINCT
  FROM s."email")) OR (NOT (c."home_city" IS NOT DISTINCT
  FROM s."home_city")) OR (NOT (c."ltv" IS NOT DISTINCT
  FROM s."ltv")) OR (NOT (c."spent" IS NOT DISTINCT
  FROM s."spent")) OR (NOT (c."seen" IS NOT DISTINCT
  FROM s."seen")) OR (NOT (c."dob" IS NOT DISTINCT
  FROM s."dob")) OR (NOT (TO_JSON(c."doc") IS NOT DISTINCT
  FROM TO_JSON(s."doc"))) OR (NOT (TO_JSON(c."tags") IS NOT DISTINCT
  FROM TO_JSON(s."tags"))) OR (NOT (c."source" IS NOT DISTINCT
  FROM s."source")) OR (NOT (c."_group_vip" IS NOT DISTINCT
  FROM s."_group_vip")) OR (NOT (TO_JSON(c."_groups_segments") IS NOT DISTINCT
  FROM TO_JSON(s."_groups_segments"))) OR s.roo_synced_at < DATEADD(second, -2592000, SYSDATE())));
SELECT count(*)
  FROM roo_temporary__candidates;
UPDATE roo_temporary__candidates AS x SET roo_moved = true
  WHERE x.roo_operation = 'update' AND nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), '') <> nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '') AND true;
UPDATE roo_temporary__candidates AS x SET roo_claims = true
  WHERE (x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty) AND EXISTS (SELECT 1
  FROM shop.main_roo.snapshot__people s
  WHERE true AND nullif(lower(trim(CAST(s."email" AS VARCHAR))), '') = coalesce(nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), ''), nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '')) AND NOT (CAST(s."key__id" AS VARCHAR) = CAST(x."key__id" AS VARCHAR)));
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_claims;
UPDATE roo_temporary__candidates AS x SET roo_inherited = h.found
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS VARCHAR))), '') AS identifier, '[' || LISTAGG(('{"@group:VIP":' || coalesce(CAST(s."_group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON(s."_groups_segments"), 'null') || '}'), ',') || ']' AS found
  FROM shop.main_roo.snapshot__people s
  WHERE (s."_group_vip" IS NOT NULL OR s."_groups_segments" IS NOT NULL) AND nullif(lower(trim(CAST(s."email" AS VARCHAR))), '') IN (SELECT coalesce(nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), ''), nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), ''))
  FROM roo_temporary__candidates x
  WHERE x.roo_claims)
  GROUP BY 1) h
  WHERE x.roo_claims AND h.identifier = coalesce(nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), ''), nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), ''));
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM shop.main_roo.roo_former_identifiers
  WHERE app = 'iterable' AND fields = '["email"]') f;
UPDATE roo_temporary__candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND x.roo_claims;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_moved;
UPDATE roo_temporary__candidates AS x SET roo_shared = true
  WHERE x.roo_moved AND EXISTS (SELECT 1
  FROM shop.main_roo.snapshot__people s
  WHERE NOT false AND nullif(lower(trim(CAST(s."email" AS VARCHAR))), '') = nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '') AND NOT (CAST(s."key__id" AS VARCHAR) = CAST(x."key__id" AS VARCHAR)));
UPDATE roo_temporary__candidates AS x SET roo_shared = true
  WHERE x.roo_moved AND x.roo_dirty AND EXISTS (SELECT 1
  FROM roo_temporary__candidates y
  WHERE (y.roo_operation = 'create' OR y.roo_moved OR (y.roo_departed AND y.roo_operation = 'update')) AND nullif(lower(trim(CAST(y."n_email" AS VARCHAR))), '') = nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '') AND NOT (CAST(x."key__id" AS VARCHAR) = CAST(y."key__id" AS VARCHAR)));
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_shared;
UPDATE roo_temporary__candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM roo_temporary__candidates y
  WHERE y.roo_moved AND nullif(lower(trim(CAST(y."o_email" AS VARCHAR))), '') = nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), ''));
UPDATE roo_temporary__candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM shop.main_roo.roo_unaccepted u
  WHERE u.destination = 'people' AND u.key = CAST(x."key__id" AS VARCHAR) AND u.code = 'conflict');
UPDATE roo_temporary__candidates AS x SET "o__group_vip" = h."_group_vip", "o__groups_segments" = h."_groups_segments"
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS VARCHAR))), '') AS identifier, BOOLOR_AGG(s."_group_vip") AS "_group_vip", CAST(PARSE_JSON(MAX(TO_JSON(s."_groups_segments"))) AS ARRAY) AS "_groups_segments"
  FROM shop.main_roo.snapshot__people s
  GROUP BY 1) h
  WHERE x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), '');
SELECT count(CASE WHEN roo_departed IS NOT NULL THEN 1 END), count(CASE WHEN NOT roo_departed THEN 1 END)
  FROM shop.main_roo.snapshot__people s;
SELECT count(CASE WHEN roo_operation IN ('create') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') THEN 1 END)
  FROM roo_temporary__candidates;
SELECT CAST(c."key__id" AS VARCHAR), count(*), count(*) OVER ()
  FROM (SELECT *
  FROM roo_temporary__candidates
  WHERE roo_operation = 'create') c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart');
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__holders AS SELECT identifier, min(holder) AS holder, max(shared_1) AS shared_1, max(shared_2) AS shared_2
  FROM (SELECT r.identifier, r.holder, 1 AS shared_1, 1 AS shared_2
  FROM (SELECT nullif(lower(trim(CAST(c."email" AS VARCHAR))), '') AS identifier, 'record ' || CAST(c."key__id" AS VARCHAR) || ' still has the same identifier' AS holder
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", COLLATE("CITY", '') AS "home_city", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) c) r
  UNION ALL SELECT r.identifier, r.holder, 0 AS shared_1, 0 AS shared_2
  FROM (SELECT u.identifier, 'destination leads still has the same identifier' AS holder
  FROM (SELECT CAST("EMAIL" AS VARCHAR) AS identifier
  FROM shop.main.customers
  WHERE CAST("EMAIL" AS VARCHAR) IS NULL) u) r) o
  WHERE identifier IN (SELECT nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '') AS identifier
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart'))
  GROUP BY identifier;
UPDATE roo_temporary__candidates AS x SET "n_email" = x."o_email", "n_home_city" = x."o_home_city", "n_ltv" = x."o_ltv", "n_spent" = x."o_spent", "n_seen" = x."o_seen", "n_dob" = x."o_dob", "n_doc" = x."o_doc", "n_tags" = x."o_tags", "n_source" = x."o_source", "n__group_vip" = CASE WHEN h.shared_1 = 1 THEN x."o__group_vip" END, "n__groups_segments" = CASE WHEN h.shared_2 = 1 THEN x."o__groups_segments" END, roo_operation = 'depart'
  FROM roo_temporary__holders h
  WHERE x.roo_operation IN ('delete', 'depart') AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0)) AND nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '') = h.identifier;
CREATE OR REPLACE TRANSIENT TABLE shop.main_roo.changes__people AS SELECT row_number() OVER (ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create') AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'skipped' WHEN u.status = 'skipped' THEN 'skipped' WHEN u.status = 'unknown' THEN 'unknown' END AS roo_status, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'conflict' WHEN u.status = 'skipped' THEN 'absent' WHEN u.status = 'unknown' THEN 'ambiguous' END AS roo_code, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'not removed: ' || h.holder WHEN u.status = 'skipped' THEN u.message WHEN u.status = 'unknown' THEN u.message END AS roo_message, coalesce((u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR false)), false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS VARCHAR) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN roo_temporary__holders h ON x.roo_operation IN ('delete', 'depart') AND nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '') = h.identifier
  LEFT JOIN shop.main_roo.roo_unaccepted u ON u.destination = 'people' AND u.key = x.roo_key AND u.permanent AND u.operation = CASE WHEN x.roo_operation = 'depart' THEN 'update' ELSE x.roo_operation END AND (u.status = 'unknown' OR u.fingerprint = md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"home_city":' || coalesce(TO_JSON(TO_VARIANT("n_home_city")), 'null') || ',"ltv":' || coalesce(CASE WHEN "n_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("n_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("n_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("n_ltv")) ELSE TO_JSON(TO_VARIANT("n_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS VARCHAR) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || '}') END)) AND (u.status <> 'skipped' OR u.last_at > DATEADD(second, -604800, SYSDATE()))
  WHERE NOT (x.roo_operation IN ('delete', 'depart') AND x.roo_departed AND h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))))) z
  ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create';
DROP TABLE IF EXISTS roo_temporary__candidates;
DROP TABLE IF EXISTS roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END)
  FROM shop.main_roo.changes__people;
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM shop.main_roo.changes__people
  WHERE roo_seq <= 6;
SELECT count(*)
  FROM shop.main_roo.changes__people
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__group_vip" IS NOT NULL AND "n__group_vip" IS NULL;
SELECT name, count(*)
  FROM (SELECT CAST(f.value AS VARCHAR) AS name
  FROM (SELECT ARRAY_EXCEPT("o__groups_segments", COALESCE("n__groups_segments", ARRAY_CONSTRUCT())) AS names
  FROM shop.main_roo.changes__people
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__groups_segments" IS NOT NULL) r, LATERAL FLATTEN(input => r.names) f) e
  GROUP BY name;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_email" IS NOT DISTINCT
  FROM "o_email")) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_home_city" IS NOT DISTINCT
  FROM "o_home_city")) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_ltv" IS NOT DISTINCT
  FROM "o_ltv")) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_spent" IS NOT DISTINCT
  FROM "o_spent")) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_seen" IS NOT DISTINCT
  FROM "o_seen")) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_dob" IS NOT DISTINCT
  FROM "o_dob")) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (TO_JSON("n_doc") IS NOT DISTINCT
  FROM TO_JSON("o_doc"))) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (TO_JSON("n_tags") IS NOT DISTINCT
  FROM TO_JSON("o_tags"))) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_source" IS NOT DISTINCT
  FROM "o_source")) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n__group_vip" IS NOT DISTINCT
  FROM "o__group_vip")) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (TO_JSON("n__groups_segments") IS NOT DISTINCT
  FROM TO_JSON("o__groups_segments"))) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END)
  FROM shop.main_roo.changes__people
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 6;
SELECT DISTINCT roo_inherited
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT CAST(f.value AS VARCHAR) AS name
  FROM (SELECT ARRAY_CAT(COALESCE("n__groups_segments", ARRAY_CONSTRUCT()), COALESCE("o__groups_segments", ARRAY_CONSTRUCT())) AS names
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) r, LATERAL FLATTEN(input => r.names) f) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM shop.main_roo.changes__people
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 6
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
SELECT 'held', u.code, count(*), min(u.message)
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_unaccepted u ON u.key = c.roo_key AND u.destination = ?
  WHERE c.roo_held
  GROUP BY u.code
  ORDER BY count(*) DESC, 2 LIMIT 20;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
INSERT INTO shop.main_roo.roo_destinations (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, SYSDATE()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_destinations
  WHERE destination = ?);
UPDATE shop.main_roo.roo_destinations SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE shop.main_roo.roo_destinations SET pending_run = ?, pending_shape = ?, updated_at = SYSDATE()
  WHERE destination = ?;
SELECT count(*)
  FROM shop.main_roo.changes__people x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= 6;
SELECT count(*)
  FROM shop.main_roo.changes__people x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 6;
UPDATE shop.main_roo.snapshot__people AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 6 AND nullif(lower(trim(CAST(s."email" AS VARCHAR))), '') = nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), '') AND NOT (CAST(s."key__id" AS VARCHAR) = CAST(x."key__id" AS VARCHAR)));

-- sync 2: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"home_city":' || coalesce(TO_JSON(TO_VARIANT("n_home_city")), 'null') || ',"ltv":' || coalesce(CASE WHEN "n_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("n_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("n_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("n_ltv")) ELSE TO_JSON(TO_VARIANT("n_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS VARCHAR) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN ('{"email":' || coalesce(TO_JSON(TO_VARIANT("o_email")), 'null') || ',"home_city":' || coalesce(TO_JSON(TO_VARIANT("o_home_city")), 'null') || ',"ltv":' || coalesce(CASE WHEN "o_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("o_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("o_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("o_ltv")) ELSE TO_JSON(TO_VARIANT("o_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS VARCHAR) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("o_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("o_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("o_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("o_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "o_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "o_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("o_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("o_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("o_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("o_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("o_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("o__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("o__groups_segments"), 'null') || '}') END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_email" IS NOT DISTINCT
  FROM "o_email")) OR roo_dirty) THEN 'email' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_home_city" IS NOT DISTINCT
  FROM "o_home_city")) OR roo_dirty) THEN 'home_city' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_ltv" IS NOT DISTINCT
  FROM "o_ltv")) OR roo_dirty) THEN 'ltv' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_spent" IS NOT DISTINCT
  FROM "o_spent")) OR roo_dirty) THEN 'spent' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_seen" IS NOT DISTINCT
  FROM "o_seen")) OR roo_dirty) THEN 'seen' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_dob" IS NOT DISTINCT
  FROM "o_dob")) OR roo_dirty) THEN 'dob' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT (TO_JSON("n_doc") IS NOT DISTINCT
  FROM TO_JSON("o_doc"))) OR roo_dirty) THEN 'doc' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT (TO_JSON("n_tags") IS NOT DISTINCT
  FROM TO_JSON("o_tags"))) OR roo_dirty) THEN 'tags' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_source" IS NOT DISTINCT
  FROM "o_source")) OR roo_dirty) THEN 'source' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n__group_vip" IS NOT DISTINCT
  FROM "o__group_vip")) OR roo_dirty) THEN '@group:VIP' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT (TO_JSON("n__groups_segments") IS NOT DISTINCT
  FROM TO_JSON("o__groups_segments"))) OR roo_dirty) THEN '@groups:SEGMENTS' END)), ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM shop.main_roo.changes__people
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO shop.main_roo.roo_acknowledged VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO shop.main_roo.roo_acknowledged VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO shop.main_roo.roo_acknowledged VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 2: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_acknowledged a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 2' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM shop.main_roo.roo_acknowledged
  WHERE destination = 'people' AND run_id = 'run 2' AND status IN ('written', 'renamed', 'lost');
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__traced AS SELECT t.roo_seq, min(CASE WHEN t.status = 'renamed' THEN 0 ELSE 1 END) = 0 AS renamed, max(CASE WHEN t.status IN ('lost', 'leaving') THEN 1 ELSE 0 END) = 1 AS lost, max(CASE WHEN t.status IN ('written', 'renamed') THEN 1 ELSE 0 END) = 1 AS partly
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_acknowledged a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 2' AND status IN ('written', 'renamed', 'lost')) t
  JOIN shop.main_roo.changes__people c ON c.roo_seq = t.roo_seq
  WHERE c.roo_status IS NULL AND NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = t.roo_seq AND (a.status = 'accepted' OR t.status = 'leaving'))
  GROUP BY t.roo_seq;
SELECT count(*)
  FROM roo_temporary__traced;
DELETE
  FROM shop.main_roo.snapshot__people s
  WHERE EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE x."key__id" = s."key__id");
INSERT INTO shop.main_roo.snapshot__people ("key__id", "email", "home_city", "ltv", "spent", "seen", "dob", "doc", "tags", "source", "_group_vip", "_groups_segments", roo_departed, roo_dirty, roo_whole, roo_synced_at) SELECT c."key__id", c."n_email", c."n_home_city", c."n_ltv", c."n_spent", c."n_seen", c."n_dob", c."n_doc", c."n_tags", c."n_source", c."n__group_vip", c."n__groups_segments", c.roo_operation IN ('depart', 'delete'), (c.roo_operation = 'depart' AND (c.roo_dirty OR false)), false, SYSDATE()
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE shop.main_roo.snapshot__people AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE shop.main_roo.snapshot__people AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
UPDATE shop.main_roo.snapshot__people AS s SET roo_departed = CASE WHEN c.roo_operation = 'update' THEN false ELSE s.roo_departed END, roo_dirty = s.roo_departed IS NOT NULL, roo_whole = true, "email" = CASE WHEN c.roo_renamed THEN c."n_email" WHEN s.roo_departed IS NULL THEN coalesce(c."n_email", s."email") ELSE s."email" END, "home_city" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_home_city", s."home_city") ELSE s."home_city" END, "ltv" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_ltv", s."ltv") ELSE s."ltv" END, "spent" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_spent", s."spent") ELSE s."spent" END, "seen" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_seen", s."seen") ELSE s."seen" END, "dob" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_dob", s."dob") ELSE s."dob" END, "doc" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_doc", s."doc") ELSE s."doc" END, "tags" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_tags", s."tags") ELSE s."tags" END, "source" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_source", s."source") ELSE s."source" END, "_group_vip" = CASE WHEN NOT c.roo_lost THEN coalesce(s."_group_vip", c."n__group_vip") ELSE CASE WHEN (s."_group_vip" IS NOT DISTINCT
  FROM c."n__group_vip") THEN s."_group_vip" ELSE false END END, "_groups_segments" = CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER(ARRAY_CAT(COALESCE(s."_groups_segments", ARRAY_CONSTRUCT()), COALESCE(c."n__groups_segments", ARRAY_CONSTRUCT())), e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER(ARRAY_CAT(COALESCE(s."_groups_segments", ARRAY_CONSTRUCT()), COALESCE(c."n__groups_segments", ARRAY_CONSTRUCT())), e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END
  FROM (SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq) c
  WHERE CAST(c."key__id" AS VARCHAR) = CAST(s."key__id" AS VARCHAR) AND (c.roo_operation <> 'create' OR s.roo_departed IS NULL);
INSERT INTO shop.main_roo.snapshot__people ("key__id", "email", "home_city", "ltv", "spent", "seen", "dob", "doc", "tags", "source", "_group_vip", "_groups_segments", roo_departed, roo_dirty, roo_whole, roo_synced_at) SELECT CAST(c."key__id" AS NUMBER(38,0)), c."n_email", c."n_home_city", c."n_ltv", c."n_spent", c."n_seen", c."n_dob", c."n_doc", c."n_tags", c."n_source", CASE WHEN c.roo_lost THEN NOT c."n__group_vip" ELSE c."n__group_vip" END, c."n__groups_segments", CASE WHEN c.roo_partly THEN false END, false, true, SYSDATE()
  FROM (SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq) c
  WHERE c.roo_operation = 'create' AND NOT EXISTS (SELECT 1
  FROM shop.main_roo.snapshot__people s
  WHERE CAST(c."key__id" AS VARCHAR) = CAST(s."key__id" AS VARCHAR));
INSERT INTO shop.main_roo.roo_former_identifiers (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, SYSDATE()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS VARCHAR) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS VARCHAR) END AS went_to
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq
  WHERE t.renamed AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS VARCHAR) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS VARCHAR) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_former_identifiers f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
INSERT INTO shop.main_roo.roo_outcomes SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, SYSDATE()
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_outcomes o
  WHERE o.run_id = ? AND o.destination = ? AND o.key = c.roo_key);
INSERT INTO shop.main_roo.roo_former_identifiers (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, SYSDATE()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS VARCHAR) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS VARCHAR) END AS went_to
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS VARCHAR) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS VARCHAR) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_former_identifiers f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, SYSDATE()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"home_city":' || coalesce(TO_JSON(TO_VARIANT("n_home_city")), 'null') || ',"ltv":' || coalesce(CASE WHEN "n_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("n_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("n_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("n_ltv")) ELSE TO_JSON(TO_VARIANT("n_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS VARCHAR) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || '}') END) AS fingerprint
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN shop.main_roo.roo_unaccepted u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DELETE
  FROM shop.main_roo.roo_unaccepted u
  WHERE u.destination = ? AND EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO shop.main_roo.roo_unaccepted SELECT ?, roo_key, operation, status, code, message, attempts, first_at, SYSDATE(), permanent, fingerprint
  FROM roo_temporary__failed;
UPDATE shop.main_roo.roo_destinations SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = SYSDATE()
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM shop.main_roo.roo_acknowledged
  WHERE destination = ?;
DROP TABLE IF EXISTS shop.main_roo.changes__people;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
UPDATE shop.main_roo.roo_runs SET finished_at = SYSDATE(), status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM shop.main_roo.roo_outcomes
  WHERE destination = ? AND time < DATEADD(second, -2592000, SYSDATE());
DELETE
  FROM shop.main_roo.roo_runs
  WHERE destination = ? AND started_at < DATEADD(second, -2592000, SYSDATE());
UPDATE shop.main_roo.roo_locks SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- sync 3: the lock
INSERT INTO shop.main_roo.roo_locks (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_locks
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM shop.main_roo.roo_locks
  WHERE destination = ?;
UPDATE shop.main_roo.roo_locks SET run_id = ?, host = ?, pid = ?, taken_at = SYSDATE(), heartbeat_at = SYSDATE()
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < DATEADD(second, -60, SYSDATE()));
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
UPDATE shop.main_roo.roo_runs SET status = 'error', finished_at = SYSDATE(), message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO shop.main_roo.roo_runs (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, SYSDATE(), 'running');

-- sync 3: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) c;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS VARCHAR) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS VARCHAR))), '') AS identifier
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS VARCHAR))), '') AS identifier
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__candidates AS SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c."key__id", s."key__id") AS NUMBER(38,0)) AS "key__id", c."email" AS "n_email", s."email" AS "o_email", c."ltv" AS "n_ltv", s."ltv" AS "o_ltv", c."spent" AS "n_spent", s."spent" AS "o_spent", c."seen" AS "n_seen", s."seen" AS "o_seen", c."dob" AS "n_dob", s."dob" AS "o_dob", c."doc" AS "n_doc", s."doc" AS "o_doc", c."tags" AS "n_tags", s."tags" AS "o_tags", c."source" AS "n_source", s."source" AS "o_source", c."_group_vip" AS "n__group_vip", s."_group_vip" AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", s."_groups_segments" AS "o__groups_segments", CAST(NULL AS VARCHAR) AS "n_home_city", s."home_city" AS "o_home_city", coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS VARCHAR) AS roo_inherited, CAST(NULL AS VARCHAR) AS roo_successors
  FROM (SELECT "ID" AS "key__id", "EMAIL" AS "email", "LTV" AS "ltv", "SPENT" AS "spent", "SEEN_AT" AS "seen", "BORN" AS "dob", "DOC" AS "doc", ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT("SEGMENTS"))) AS "tags", CAST('warehouse' AS VARCHAR) AS "source", CASE WHEN "VIP" THEN true END AS "_group_vip", CASE WHEN ARRAY_SIZE(ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> '')))) > 0 THEN ARRAY_SORT(ARRAY_DISTINCT(FILTER("SEGMENTS", e -> TRIM(CAST(e AS VARCHAR)) <> ''))) END AS "_groups_segments", true AS roo_present
  FROM shop.main.customers
  WHERE ((1 = 1
))) c
  FULL JOIN shop.main_roo.snapshot__people s ON c."key__id" = s."key__id"
  WHERE s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT (c."email" IS NOT DISTINCT
  FROM s."email")) OR (NOT ((c."ltv" IS NOT DISTINCT
  FROM TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4))) AND (CAST(CASE WHEN REGEXP_REPLACE(CAST(c."ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST(c."ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST(c."ltv" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST(c."ltv" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END AS VARCHAR) IS NOT DISTINCT
  FROM CAST(CASE WHEN s."ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT(s."ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT(s."ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT(s."ltv")) ELSE TO_JSON(TO_VARIANT(s."ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS VARCHAR) || '"' END AS VARCHAR)))) OR (NOT (c."spent" IS NOT DISTINCT
  FROM s."spent")) OR (NOT (c."seen" IS NOT DISTINCT
  FROM s."seen")) OR (NOT (c."dob" IS NOT DISTINCT
  FROM s."dob")) OR (NOT (TO_JSON(c."doc") IS NOT DISTINCT
  FROM TO_JSON(s."doc"))) OR (NOT (TO_JSON(c."tags") IS NOT DISTINCT
  FROM TO_JSON(s."tags"))) OR (NOT (c."source" IS NOT DISTINCT
  FROM s."source")) OR (NOT (c."_group_vip" IS NOT DISTINCT
  FROM s."_group_vip")) OR (NOT (TO_JSON(c."_groups_segments") IS NOT DISTINCT
  FROM TO_JSON(s."_groups_segments"))) OR (s."home_city" IS NOT NULL) OR s.roo_synced_at < DATEADD(second, -2592000, SYSDATE())));
SELECT count(*)
  FROM roo_temporary__candidates;
UPDATE roo_temporary__candidates AS x SET roo_moved = true
  WHERE x.roo_operation = 'update' AND nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), '') <> nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '') AND true;
UPDATE roo_temporary__candidates AS x SET roo_claims = true
  WHERE (x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty) AND EXISTS (SELECT 1
  FROM shop.main_roo.snapshot__people s
  WHERE true AND nullif(lower(trim(CAST(s."email" AS VARCHAR))), '') = coalesce(nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), ''), nullif(lower(trim(CAST(x."o_email" AS VARCHAR))), '')) AND NOT (CAST(s."key__id" AS VARCHAR) = CAST(x."key__id" AS VARCHAR)));
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_claims;
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM shop.main_roo.roo_former_identifiers
  WHERE app = 'iterable' AND fields = '["email"]') f;
UPDATE roo_temporary__candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND EXISTS (SELECT 1
  FROM (SELECT identifier, went_to
  FROM shop.main_roo.roo_former_identifiers
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE nullif(lower(trim(CAST(f.identifier AS VARCHAR))), '') = nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), ''));
UPDATE roo_temporary__candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM (SELECT identifier, went_to
  FROM shop.main_roo.roo_former_identifiers
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE nullif(lower(trim(CAST(f.identifier AS VARCHAR))), '') = nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), ''));
UPDATE roo_temporary__candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND x.roo_claims;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_moved;
UPDATE roo_temporary__candidates AS x SET roo_successors = h.found
  FROM (SELECT identifier, '[' || LISTAGG(('[' || substr(coalesce(',' || TO_JSON(TO_VARIANT(p.went_to)), ''), 2) || ']'), ',') || ']' AS found
  FROM (SELECT DISTINCT nullif(lower(trim(CAST(f.identifier AS VARCHAR))), '') AS identifier, f.went_to
  FROM (SELECT identifier, went_to
  FROM shop.main_roo.roo_former_identifiers
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE f.went_to IN (SELECT identifier
  FROM (SELECT identifier, went_to
  FROM shop.main_roo.roo_former_identifiers
  WHERE app = 'iterable' AND fields = '["email"]') b)) p
  GROUP BY identifier) h
  WHERE x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), '');
UPDATE roo_temporary__candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM shop.main_roo.roo_unaccepted u
  WHERE u.destination = 'people' AND u.key = CAST(x."key__id" AS VARCHAR) AND u.code = 'conflict');
UPDATE roo_temporary__candidates AS x SET "o__group_vip" = h."_group_vip", "o__groups_segments" = h."_groups_segments"
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS VARCHAR))), '') AS identifier, BOOLOR_AGG(s."_group_vip") AS "_group_vip", CAST(PARSE_JSON(MAX(TO_JSON(s."_groups_segments"))) AS ARRAY) AS "_groups_segments"
  FROM shop.main_roo.snapshot__people s
  GROUP BY 1) h
  WHERE x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS VARCHAR))), '');
SELECT count(CASE WHEN roo_departed IS NOT NULL THEN 1 END), count(CASE WHEN NOT roo_departed THEN 1 END)
  FROM shop.main_roo.snapshot__people s;
SELECT count(CASE WHEN roo_operation IN ('create') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') THEN 1 END)
  FROM roo_temporary__candidates;
SELECT CAST(c."key__id" AS VARCHAR), count(*), count(*) OVER ()
  FROM (SELECT *
  FROM roo_temporary__candidates
  WHERE roo_operation = 'create') c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart');
CREATE OR REPLACE TRANSIENT TABLE shop.main_roo.changes__people AS SELECT row_number() OVER (ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create') AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN u.status = 'skipped' THEN 'skipped' WHEN u.status = 'unknown' THEN 'unknown' END AS roo_status, CASE WHEN u.status = 'skipped' THEN 'absent' WHEN u.status = 'unknown' THEN 'ambiguous' END AS roo_code, CASE WHEN u.status = 'skipped' THEN u.message WHEN u.status = 'unknown' THEN u.message END AS roo_message, coalesce((u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR false)), false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS VARCHAR) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN shop.main_roo.roo_unaccepted u ON u.destination = 'people' AND u.key = x.roo_key AND u.permanent AND u.operation = CASE WHEN x.roo_operation = 'depart' THEN 'update' ELSE x.roo_operation END AND (u.status = 'unknown' OR u.fingerprint = md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"ltv":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || '}') END)) AND (u.status <> 'skipped' OR u.last_at > DATEADD(second, -604800, SYSDATE()))
  WHERE NOT false) z
  ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create';
DROP TABLE IF EXISTS roo_temporary__candidates;
DROP TABLE IF EXISTS roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END), count(CASE WHEN roo_operation = 'update' AND NOT roo_held AND "o_home_city" IS NOT NULL THEN 1 END)
  FROM shop.main_roo.changes__people;
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM shop.main_roo.changes__people
  WHERE roo_seq <= 4;
SELECT count(*)
  FROM shop.main_roo.changes__people
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__group_vip" IS NOT NULL AND "n__group_vip" IS NULL;
SELECT name, count(*)
  FROM (SELECT CAST(f.value AS VARCHAR) AS name
  FROM (SELECT ARRAY_EXCEPT("o__groups_segments", COALESCE("n__groups_segments", ARRAY_CONSTRUCT())) AS names
  FROM shop.main_roo.changes__people
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__groups_segments" IS NOT NULL) r, LATERAL FLATTEN(input => r.names) f) e
  GROUP BY name;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_email" IS NOT DISTINCT
  FROM "o_email")) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (("n_ltv" IS NOT DISTINCT
  FROM TRY_CAST(CAST("o_ltv" AS VARCHAR) AS NUMBER(12,4))) AND (CAST(CASE WHEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END AS VARCHAR) IS NOT DISTINCT
  FROM CAST(CASE WHEN "o_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("o_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("o_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("o_ltv")) ELSE TO_JSON(TO_VARIANT("o_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS VARCHAR) || '"' END AS VARCHAR)))) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_spent" IS NOT DISTINCT
  FROM "o_spent")) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_seen" IS NOT DISTINCT
  FROM "o_seen")) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_dob" IS NOT DISTINCT
  FROM "o_dob")) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (TO_JSON("n_doc") IS NOT DISTINCT
  FROM TO_JSON("o_doc"))) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (TO_JSON("n_tags") IS NOT DISTINCT
  FROM TO_JSON("o_tags"))) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_source" IS NOT DISTINCT
  FROM "o_source")) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n__group_vip" IS NOT DISTINCT
  FROM "o__group_vip")) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (TO_JSON("n__groups_segments") IS NOT DISTINCT
  FROM TO_JSON("o__groups_segments"))) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("o_home_city" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END)
  FROM shop.main_roo.changes__people
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 4;
SELECT DISTINCT roo_inherited
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT CAST(f.value AS VARCHAR) AS name
  FROM (SELECT ARRAY_CAT(COALESCE("n__groups_segments", ARRAY_CONSTRUCT()), COALESCE("o__groups_segments", ARRAY_CONSTRUCT())) AS names
  FROM shop.main_roo.changes__people
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) r, LATERAL FLATTEN(input => r.names) f) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM shop.main_roo.changes__people
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 4
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
SELECT 'held', u.code, count(*), min(u.message)
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_unaccepted u ON u.key = c.roo_key AND u.destination = ?
  WHERE c.roo_held
  GROUP BY u.code
  ORDER BY count(*) DESC, 2 LIMIT 20;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
UPDATE shop.main_roo.snapshot__people SET roo_whole = true
  WHERE NOT roo_departed;
INSERT INTO shop.main_roo.roo_destinations (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, SYSDATE()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_destinations
  WHERE destination = ?);
UPDATE shop.main_roo.roo_destinations SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE shop.main_roo.roo_destinations SET pending_run = ?, pending_shape = ?, updated_at = SYSDATE()
  WHERE destination = ?;
SELECT count(*)
  FROM shop.main_roo.changes__people x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= 4;
SELECT count(*)
  FROM shop.main_roo.changes__people x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 4;

-- sync 3: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"ltv":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || ',"home_city":' || coalesce(TO_JSON(TO_VARIANT("n_home_city")), 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN ('{"email":' || coalesce(TO_JSON(TO_VARIANT("o_email")), 'null') || ',"home_city":' || coalesce(TO_JSON(TO_VARIANT("o_home_city")), 'null') || ',"ltv":' || coalesce(CASE WHEN "o_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("o_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("o_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("o_ltv")) ELSE TO_JSON(TO_VARIANT("o_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS VARCHAR) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("o_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("o_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("o_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("o_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "o_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "o_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("o_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("o_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("o_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("o_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("o_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("o__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("o__groups_segments"), 'null') || '}') END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_email" IS NOT DISTINCT
  FROM "o_email")) OR roo_dirty) THEN 'email' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT (("n_ltv" IS NOT DISTINCT
  FROM TRY_CAST(CAST("o_ltv" AS VARCHAR) AS NUMBER(12,4))) AND (CAST(CASE WHEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END AS VARCHAR) IS NOT DISTINCT
  FROM CAST(CASE WHEN "o_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT("o_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT("o_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT("o_ltv")) ELSE TO_JSON(TO_VARIANT("o_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS VARCHAR) || '"' END AS VARCHAR)))) OR roo_dirty) THEN 'ltv' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_spent" IS NOT DISTINCT
  FROM "o_spent")) OR roo_dirty) THEN 'spent' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_seen" IS NOT DISTINCT
  FROM "o_seen")) OR roo_dirty) THEN 'seen' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_dob" IS NOT DISTINCT
  FROM "o_dob")) OR roo_dirty) THEN 'dob' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT (TO_JSON("n_doc") IS NOT DISTINCT
  FROM TO_JSON("o_doc"))) OR roo_dirty) THEN 'doc' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT (TO_JSON("n_tags") IS NOT DISTINCT
  FROM TO_JSON("o_tags"))) OR roo_dirty) THEN 'tags' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n_source" IS NOT DISTINCT
  FROM "o_source")) OR roo_dirty) THEN 'source' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT ("n__group_vip" IS NOT DISTINCT
  FROM "o__group_vip")) OR roo_dirty) THEN '@group:VIP' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN ((NOT (TO_JSON("n__groups_segments") IS NOT DISTINCT
  FROM TO_JSON("o__groups_segments"))) OR roo_dirty) THEN '@groups:SEGMENTS' END)), '') || coalesce(',' || TO_JSON(TO_VARIANT(CASE WHEN (("o_home_city" IS NOT NULL) OR roo_dirty) THEN 'home_city' END)), ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM shop.main_roo.changes__people
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO shop.main_roo.roo_acknowledged VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO shop.main_roo.roo_acknowledged VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 3: a plan while a run was interrupted
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_acknowledged a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 3' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
INSERT INTO roo_temporary__answered SELECT DISTINCT x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_acknowledged a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 3' AND status = 'sending') x
  WHERE NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = x.roo_seq);
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM shop.main_roo.roo_acknowledged
  WHERE destination = 'people' AND run_id = 'run 3' AND status IN ('written', 'renamed', 'lost', 'leaving');
SELECT count(*)
  FROM shop.main_roo.snapshot__people s
  WHERE (s."home_city" IS NOT NULL OR s.roo_dirty) AND NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'depart') x
  WHERE CAST(x."key__id" AS VARCHAR) = CAST(s."key__id" AS VARCHAR));
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__preview__people AS SELECT CAST(s."key__id" AS NUMBER(38,0)) AS "key__id", s."email" AS "email", TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS "ltv", s."spent" AS "spent", s."seen" AS "seen", s."dob" AS "dob", s."doc" AS "doc", s."tags" AS "tags", s."source" AS "source", s."_group_vip" AS "_group_vip", s."_groups_segments" AS "_groups_segments", s.roo_departed, (s.roo_dirty OR NOT (CAST(CASE WHEN s."ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT(s."ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT(s."ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT(s."ltv")) ELSE TO_JSON(TO_VARIANT(s."ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS VARCHAR) || '"' END AS VARCHAR) IS NOT DISTINCT
  FROM CAST(CASE WHEN REGEXP_REPLACE(CAST(TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST(TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST(TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST(TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END AS VARCHAR))) AS roo_dirty, s.roo_whole, s.roo_synced_at
  FROM shop.main_roo.snapshot__people s
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE CAST(x."key__id" AS VARCHAR) = CAST(s."key__id" AS VARCHAR))
  UNION ALL SELECT CAST(c."key__id" AS NUMBER(38,0)) AS "key__id", c."n_email" AS "email", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR NOT (CAST(CASE WHEN c."o_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT(c."o_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT(c."o_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT(c."o_ltv")) ELSE TO_JSON(TO_VARIANT(c."o_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST(c."o_ltv" AS VARCHAR) || '"' END AS VARCHAR) IS NOT DISTINCT
  FROM CAST(CASE WHEN REGEXP_REPLACE(CAST(TRY_CAST(CAST(c."o_ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST(TRY_CAST(CAST(c."o_ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST(TRY_CAST(CAST(c."o_ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST(TRY_CAST(CAST(c."o_ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END AS VARCHAR)))) AS roo_dirty, false AS roo_whole, SYSDATE() AS roo_synced_at
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE roo_temporary__preview__people AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE roo_temporary__preview__people AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__refused__people AS SELECT *
  FROM shop.main_roo.roo_unaccepted
  WHERE destination = 'people';
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, SYSDATE()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"ltv":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || '}') END) AS fingerprint
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN roo_temporary__refused__people u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DELETE
  FROM roo_temporary__refused__people u
  WHERE u.destination = ? AND EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO roo_temporary__refused__people SELECT ?, roo_key, operation, status, code, message, attempts, first_at, SYSDATE(), permanent, fingerprint
  FROM roo_temporary__failed;

-- sync 3: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_acknowledged a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 3' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
INSERT INTO roo_temporary__answered SELECT DISTINCT x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM shop.main_roo.changes__people c
  JOIN shop.main_roo.roo_acknowledged a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 3' AND status = 'sending') x
  WHERE NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = x.roo_seq);
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM shop.main_roo.roo_acknowledged
  WHERE destination = 'people' AND run_id = 'run 3' AND status IN ('written', 'renamed', 'lost', 'leaving');
SELECT count(*)
  FROM shop.main_roo.snapshot__people s
  WHERE (s."home_city" IS NOT NULL OR s.roo_dirty) AND NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'depart') x
  WHERE CAST(x."key__id" AS VARCHAR) = CAST(s."key__id" AS VARCHAR));
CREATE OR REPLACE TRANSIENT TABLE shop.main_roo.rebuilt__people AS SELECT CAST(s."key__id" AS NUMBER(38,0)) AS "key__id", s."email" AS "email", TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS "ltv", s."spent" AS "spent", s."seen" AS "seen", s."dob" AS "dob", s."doc" AS "doc", s."tags" AS "tags", s."source" AS "source", s."_group_vip" AS "_group_vip", s."_groups_segments" AS "_groups_segments", s.roo_departed, (s.roo_dirty OR NOT (CAST(CASE WHEN s."ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT(s."ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT(s."ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT(s."ltv")) ELSE TO_JSON(TO_VARIANT(s."ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS VARCHAR) || '"' END AS VARCHAR) IS NOT DISTINCT
  FROM CAST(CASE WHEN REGEXP_REPLACE(CAST(TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST(TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST(TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST(TRY_CAST(CAST(s."ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END AS VARCHAR))) AS roo_dirty, s.roo_whole, s.roo_synced_at
  FROM shop.main_roo.snapshot__people s
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE CAST(x."key__id" AS VARCHAR) = CAST(s."key__id" AS VARCHAR))
  UNION ALL SELECT CAST(c."key__id" AS NUMBER(38,0)) AS "key__id", c."n_email" AS "email", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR NOT (CAST(CASE WHEN c."o_ltv" NOT IN (CAST('NaN' AS FLOAT), CAST('inf' AS FLOAT), CAST('-inf' AS FLOAT)) THEN CASE WHEN TO_JSON(TO_VARIANT(c."o_ltv")) LIKE '%.%' OR TO_JSON(TO_VARIANT(c."o_ltv")) LIKE '%e%' THEN TO_JSON(TO_VARIANT(c."o_ltv")) ELSE TO_JSON(TO_VARIANT(c."o_ltv")) || '.0' END ELSE '"\\u0000roo:' || CAST(c."o_ltv" AS VARCHAR) || '"' END AS VARCHAR) IS NOT DISTINCT
  FROM CAST(CASE WHEN REGEXP_REPLACE(CAST(TRY_CAST(CAST(c."o_ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST(TRY_CAST(CAST(c."o_ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST(TRY_CAST(CAST(c."o_ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST(TRY_CAST(CAST(c."o_ltv" AS VARCHAR) AS NUMBER(12,4)) AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END AS VARCHAR)))) AS roo_dirty, false AS roo_whole, SYSDATE() AS roo_synced_at
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE shop.main_roo.rebuilt__people AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE shop.main_roo.rebuilt__people AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
INSERT INTO shop.main_roo.roo_outcomes SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, SYSDATE()
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_outcomes o
  WHERE o.run_id = ? AND o.destination = ? AND o.key = c.roo_key);
INSERT INTO shop.main_roo.roo_former_identifiers (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, SYSDATE()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS VARCHAR) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS VARCHAR) END AS went_to
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS VARCHAR) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS VARCHAR)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS VARCHAR) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM shop.main_roo.roo_former_identifiers f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
CREATE OR REPLACE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, SYSDATE()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(TO_JSON(TO_VARIANT("n_email")), 'null') || ',"ltv":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_ltv" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%.%' OR REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') LIKE '%e%' THEN REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') ELSE REGEXP_REPLACE(CAST("n_spent" AS VARCHAR), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(('"' || TO_VARCHAR(CONVERT_TIMEZONE('UTC', "n_seen"), 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') || '"'), 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || TO_VARCHAR("n_dob", 'YYYY-MM-DD') || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS VARCHAR) || '"' END, 'null') || ',"doc":' || coalesce(TO_JSON("n_doc"), 'null') || ',"tags":' || coalesce(TO_JSON("n_tags"), 'null') || ',"source":' || coalesce(TO_JSON(TO_VARIANT("n_source")), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS VARCHAR), 'null') || ',"@groups:SEGMENTS":' || coalesce(TO_JSON("n__groups_segments"), 'null') || '}') END) AS fingerprint
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN shop.main_roo.roo_unaccepted u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DELETE
  FROM shop.main_roo.roo_unaccepted u
  WHERE u.destination = ? AND EXISTS (SELECT 1
  FROM shop.main_roo.changes__people c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO shop.main_roo.roo_unaccepted SELECT ?, roo_key, operation, status, code, message, attempts, first_at, SYSDATE(), permanent, fingerprint
  FROM roo_temporary__failed;
UPDATE shop.main_roo.roo_destinations SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = SYSDATE()
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM shop.main_roo.roo_acknowledged
  WHERE destination = ?;
DROP TABLE IF EXISTS shop.main_roo.changes__people;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
CREATE OR REPLACE TRANSIENT TABLE shop.main_roo.snapshot__people AS SELECT *
  FROM shop.main_roo.rebuilt__people;
UPDATE shop.main_roo.roo_destinations SET pending_shape = NULL
  WHERE destination = ? AND pending_run IS NULL;
DROP TABLE IF EXISTS shop.main_roo.rebuilt__people;
UPDATE shop.main_roo.roo_locks SET heartbeat_at = SYSDATE()
  WHERE destination = ? AND run_id = ?;
UPDATE shop.main_roo.roo_runs SET finished_at = SYSDATE(), status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM shop.main_roo.roo_outcomes
  WHERE destination = ? AND time < DATEADD(second, -2592000, SYSDATE());
DELETE
  FROM shop.main_roo.roo_runs
  WHERE destination = ? AND started_at < DATEADD(second, -2592000, SYSDATE());
UPDATE shop.main_roo.roo_locks SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- questions, and forgetting
SELECT destination, run_id, TO_VARCHAR(started_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), TO_VARCHAR(finished_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), status, message, model_rows, requests, retries, created, updated, deleted, unchanged, skipped, failed, unknown, held
  FROM shop.main_roo.roo_runs
  ORDER BY started_at DESC, destination LIMIT 5;
SELECT destination, key, operation, status, code, message, attempts, TO_VARCHAR(first_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), TO_VARCHAR(last_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), permanent
  FROM shop.main_roo.roo_unaccepted
  WHERE status <> 'skipped'
  ORDER BY destination, first_at, key;
SELECT TO_VARCHAR(time, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), run_id, operation, outcome, code, message
  FROM shop.main_roo.roo_outcomes
  WHERE destination = ? AND key = ?
  ORDER BY time;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
SELECT roo_departed, TO_VARCHAR(roo_synced_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM shop.main_roo.snapshot__people s
  WHERE CAST(s."key__id" AS VARCHAR) = ?;
SELECT destination, TO_VARCHAR(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM shop.main_roo.roo_destinations;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM shop.main_roo.roo_destinations;
SELECT count(*)
  FROM shop.main_roo.snapshot__people
  WHERE NOT roo_departed;
DELETE
  FROM shop.main_roo.roo_unaccepted
  WHERE destination = ? AND permanent AND status = 'unknown';
UPDATE shop.main_roo.roo_unaccepted SET permanent = false
  WHERE destination = ? AND permanent AND status = 'failed';
DELETE
  FROM shop.main_roo.roo_destinations
  WHERE destination = ?;
CREATE OR REPLACE TRANSIENT TABLE shop.main_roo.snapshot__folk AS SELECT *
  FROM shop.main_roo.snapshot__people;
DELETE
  FROM shop.main_roo.roo_unaccepted
  WHERE destination = ?;
INSERT INTO shop.main_roo.roo_unaccepted (destination, key, operation, status, code, message, attempts, first_at, last_at, permanent, fingerprint) SELECT ?, key, operation, status, code, message, attempts, first_at, last_at, permanent, fingerprint
  FROM shop.main_roo.roo_unaccepted
  WHERE destination = ?;
UPDATE shop.main_roo.roo_outcomes SET destination = ?
  WHERE destination = ?;
UPDATE shop.main_roo.roo_destinations SET destination = ?, unique_id = ?
  WHERE destination = ?;
DROP TABLE IF EXISTS shop.main_roo.snapshot__people;
DELETE
  FROM shop.main_roo.roo_unaccepted
  WHERE destination = ?;
DELETE
  FROM shop.main_roo.roo_locks
  WHERE destination = ?;
UPDATE shop.main_roo.roo_destinations SET snapshot_shape = NULL
  WHERE destination = ?;
DROP TABLE IF EXISTS shop.main_roo.snapshot__folk;
DROP TABLE IF EXISTS shop.main_roo.rebuilt__folk;
DROP TABLE IF EXISTS shop.main_roo.changes__folk;
DELETE
  FROM shop.main_roo.roo_unaccepted
  WHERE destination = ?;
DELETE
  FROM shop.main_roo.roo_acknowledged
  WHERE destination = ?;
DELETE
  FROM shop.main_roo.roo_outcomes
  WHERE destination = ?;
DELETE
  FROM shop.main_roo.roo_locks
  WHERE destination = ?;
DELETE
  FROM shop.main_roo.roo_destinations
  WHERE destination = ?;
