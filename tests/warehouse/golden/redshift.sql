-- The documentation of what is used here:
-- https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html
-- https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html
-- https://docs.aws.amazon.com/redshift/latest/dg/r_UPDATE.html
-- https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html
-- https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
-- https://docs.aws.amazon.com/redshift/latest/dg/JSON_SERIALIZE.html
-- https://docs.aws.amazon.com/redshift/latest/dg/r_TRY_CAST.html
-- https://docs.aws.amazon.com/redshift/latest/dg/array_except.html

-- the state tables
CREATE SCHEMA IF NOT EXISTS "shop"."main_roo";
CREATE TABLE IF NOT EXISTS "shop"."main_roo"."roo_state" (version bigint);
SELECT max(version)
  FROM "shop"."main_roo"."roo_state";
UPDATE "shop"."main_roo"."roo_state" SET version = 1
  WHERE true;
CREATE TABLE IF NOT EXISTS "shop"."main_roo"."roo_runs" (run_id varchar(65535), destination varchar(65535), unique_id varchar(65535), app varchar(65535), object varchar(65535), target varchar(65535), host varchar(65535), pid bigint, started_at timestamp, finished_at timestamp, status varchar(65535), message varchar(65535), model_rows bigint, created bigint, updated bigint, deleted bigint, unchanged bigint, skipped bigint, failed bigint, unknown bigint, held bigint, requests bigint, retries bigint, overrides varchar(65535));
CREATE TABLE IF NOT EXISTS "shop"."main_roo"."roo_outcomes" (run_id varchar(65535), destination varchar(65535), key varchar(65535), operation varchar(65535), outcome varchar(65535), code varchar(65535), message varchar(65535), time timestamp);
CREATE TABLE IF NOT EXISTS "shop"."main_roo"."roo_locks" (destination varchar(65535), run_id varchar(65535), host varchar(65535), pid bigint, taken_at timestamp, heartbeat_at timestamp);
CREATE TABLE IF NOT EXISTS "shop"."main_roo"."roo_destinations" (destination varchar(65535), unique_id varchar(65535), app varchar(65535), object varchar(65535), endpoint varchar(65535), workspace varchar(65535), key_columns varchar(65535), identifier varchar(65535), snapshot_shape varchar(65535), pending_run varchar(65535), pending_shape varchar(65535), created_at timestamp, updated_at timestamp);
CREATE TABLE IF NOT EXISTS "shop"."main_roo"."roo_unaccepted" (destination varchar(65535), key varchar(65535), operation varchar(65535), status varchar(65535), code varchar(65535), message varchar(65535), attempts bigint, first_at timestamp, last_at timestamp, permanent boolean, fingerprint varchar(65535));
CREATE TABLE IF NOT EXISTS "shop"."main_roo"."roo_former_identifiers" (app varchar(65535), fields varchar(65535), identifier varchar(65535), went_to varchar(65535), destination varchar(65535), since timestamp);
CREATE TABLE IF NOT EXISTS "shop"."main_roo"."roo_acknowledged" (destination varchar(65535), run_id varchar(65535), first_seq bigint, last_seq bigint, status varchar(65535), code varchar(65535), message varchar(65535), permanent boolean);
INSERT INTO "shop"."main_roo"."roo_state" SELECT 1
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_state");

-- sync 1: the lock
INSERT INTO "shop"."main_roo"."roo_locks" (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_locks"
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM "shop"."main_roo"."roo_locks"
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_locks" SET run_id = ?, host = ?, pid = ?, taken_at = sysdate, heartbeat_at = sysdate
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < dateadd(second, -60, sysdate));
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
UPDATE "shop"."main_roo"."roo_runs" SET status = 'error', finished_at = sysdate, message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO "shop"."main_roo"."roo_runs" (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, sysdate, 'running');

-- sync 1: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c;
DROP TABLE IF EXISTS roo_temporary__duplicates;
CREATE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS varchar(65535)) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS varchar(65535)))), '') AS identifier
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS varchar(65535)))), '') AS identifier
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__candidates;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT 'create' AS roo_operation, c."key__id", c."email" AS "n_email", CAST(NULL AS varchar(65535)) AS "o_email", c."home_city" AS "n_home_city", CAST(NULL AS varchar(65535)) AS "o_home_city", c."ltv" AS "n_ltv", CAST(NULL AS double precision) AS "o_ltv", c."spent" AS "n_spent", CAST(NULL AS numeric(10,2)) AS "o_spent", c."seen" AS "n_seen", CAST(NULL AS timestamp with time zone) AS "o_seen", c."dob" AS "n_dob", CAST(NULL AS date) AS "o_dob", c."doc" AS "n_doc", CAST(NULL AS varchar(max)) AS "o_doc", c."tags" AS "n_tags", CAST(NULL AS varchar(max)) AS "o_tags", c."source" AS "n_source", CAST(NULL AS varchar(65535)) AS "o_source", c."_group_vip" AS "n__group_vip", CAST(NULL AS boolean) AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", CAST(NULL AS varchar(max)) AS "o__groups_segments", false AS roo_departed, false AS roo_dirty, false AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS varchar(65535)) AS roo_inherited, CAST(NULL AS varchar(65535)) AS roo_successors
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c;
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM "shop"."main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f;
SELECT CAST(c."key__id" AS varchar(65535)), count(*), count(*) OVER ()
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
DROP TABLE IF EXISTS "shop"."main_roo"."changes__people";
CREATE TABLE "shop"."main_roo"."changes__people" SORTKEY (roo_seq) AS SELECT row_number() OVER () AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN d.identifier IS NOT NULL THEN 'failed' END AS roo_status, CASE WHEN d.identifier IS NOT NULL THEN 'duplicate_identifier' END AS roo_code, CASE WHEN d.identifier IS NOT NULL THEN 'record ' || d.roo_key || ' has the same identifier and the lower key, so it goes instead' END AS roo_message, coalesce(false, false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS varchar(65535)) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN roo_temporary__duplicates d ON x.roo_operation IN ('create', 'update') AND nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), '') = d.identifier AND x.roo_key <> d.roo_key
  WHERE NOT false) z ;
DROP TABLE IF EXISTS roo_temporary__candidates;
DROP TABLE IF EXISTS roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END)
  FROM "shop"."main_roo"."changes__people";
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_seq <= 5;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_email" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_home_city" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_ltv" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_spent" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_seen" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_dob" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_doc" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_tags" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_source" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n__group_vip" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n__groups_segments" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 5;
SELECT DISTINCT roo_inherited
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT CAST(e AS varchar(65535)) AS name
  FROM (SELECT array_concat(json_parse(coalesce("n__groups_segments", '[]')), json_parse(coalesce("o__groups_segments", '[]'))) AS names
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) r, r.names AS e) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 5
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
INSERT INTO "shop"."main_roo"."roo_destinations" (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, sysdate
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_destinations"
  WHERE destination = ?);
UPDATE "shop"."main_roo"."roo_destinations" SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_destinations" SET pending_run = ?, pending_shape = ?, updated_at = sysdate
  WHERE destination = ?;

-- sync 1: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"home_city":' || coalesce(CASE WHEN "n_home_city" IS NOT NULL THEN json_serialize(CAST("n_home_city" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("n_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("n_ltv" AS varchar(65535)) ELSE CAST("n_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS varchar(65535)) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN '{}' END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || CASE WHEN CASE WHEN (("n_email" IS NOT NULL) OR roo_dirty) THEN 'email' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_email" IS NOT NULL) OR roo_dirty) THEN 'email' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n_home_city" IS NOT NULL) OR roo_dirty) THEN 'home_city' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_home_city" IS NOT NULL) OR roo_dirty) THEN 'home_city' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n_ltv" IS NOT NULL) OR roo_dirty) THEN 'ltv' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_ltv" IS NOT NULL) OR roo_dirty) THEN 'ltv' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n_spent" IS NOT NULL) OR roo_dirty) THEN 'spent' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_spent" IS NOT NULL) OR roo_dirty) THEN 'spent' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n_seen" IS NOT NULL) OR roo_dirty) THEN 'seen' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_seen" IS NOT NULL) OR roo_dirty) THEN 'seen' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n_dob" IS NOT NULL) OR roo_dirty) THEN 'dob' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_dob" IS NOT NULL) OR roo_dirty) THEN 'dob' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n_doc" IS NOT NULL) OR roo_dirty) THEN 'doc' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_doc" IS NOT NULL) OR roo_dirty) THEN 'doc' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n_tags" IS NOT NULL) OR roo_dirty) THEN 'tags' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_tags" IS NOT NULL) OR roo_dirty) THEN 'tags' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n_source" IS NOT NULL) OR roo_dirty) THEN 'source' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n_source" IS NOT NULL) OR roo_dirty) THEN 'source' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n__group_vip" IS NOT NULL) OR roo_dirty) THEN '@group:VIP' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n__group_vip" IS NOT NULL) OR roo_dirty) THEN '@group:VIP' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("n__groups_segments" IS NOT NULL) OR roo_dirty) THEN '@groups:segments' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("n__groups_segments" IS NOT NULL) OR roo_dirty) THEN '@groups:segments' END AS super)) END, ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO "shop"."main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO "shop"."main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 1: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
DROP TABLE IF EXISTS roo_temporary__answered;
CREATE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_acknowledged" a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 1' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM "shop"."main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 1' AND status IN ('written', 'renamed', 'lost');
DROP TABLE IF EXISTS "shop"."main_roo"."rebuilt__people";
CREATE TABLE "shop"."main_roo"."rebuilt__people" AS SELECT CAST(c."key__id" AS bigint) AS "key__id", c."n_email" AS "email", c."n_home_city" AS "home_city", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR false)) AS roo_dirty, false AS roo_whole, sysdate AS roo_synced_at
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE "shop"."main_roo"."rebuilt__people" AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE "shop"."main_roo"."rebuilt__people" AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
DROP TABLE IF EXISTS "shop"."main_roo"."snapshot__people";
ALTER TABLE "shop"."main_roo"."rebuilt__people" RENAME TO "snapshot__people";
INSERT INTO "shop"."main_roo"."roo_outcomes" SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, sysdate
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq;
INSERT INTO "shop"."main_roo"."roo_former_identifiers" (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, sysdate
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS varchar(65535)) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS varchar(65535)) END AS went_to
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS varchar(65535)) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS varchar(65535)) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_former_identifiers" f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP TABLE IF EXISTS roo_temporary__failed;
CREATE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, sysdate) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"home_city":' || coalesce(CASE WHEN "n_home_city" IS NOT NULL THEN json_serialize(CAST("n_home_city" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("n_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("n_ltv" AS varchar(65535)) ELSE CAST("n_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS varchar(65535)) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || '}') END) AS fingerprint
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN "shop"."main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DELETE
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE "roo_unaccepted".destination = ? AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = "roo_unaccepted".key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO "shop"."main_roo"."roo_unaccepted" SELECT ?, roo_key, operation, status, code, message, attempts, first_at, sysdate, permanent, fingerprint
  FROM roo_temporary__failed;
UPDATE "shop"."main_roo"."roo_destinations" SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = sysdate
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM "shop"."main_roo"."roo_acknowledged"
  WHERE destination = ?;
DROP TABLE IF EXISTS "shop"."main_roo"."changes__people";
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
UPDATE "shop"."main_roo"."roo_runs" SET finished_at = sysdate, status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM "shop"."main_roo"."roo_outcomes"
  WHERE destination = ? AND time < dateadd(second, -2592000, sysdate);
DELETE
  FROM "shop"."main_roo"."roo_runs"
  WHERE destination = ? AND started_at < dateadd(second, -2592000, sysdate);
UPDATE "shop"."main_roo"."roo_locks" SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- sync 2: the lock
INSERT INTO "shop"."main_roo"."roo_locks" (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_locks"
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM "shop"."main_roo"."roo_locks"
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_locks" SET run_id = ?, host = ?, pid = ?, taken_at = sysdate, heartbeat_at = sysdate
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < dateadd(second, -60, sysdate));
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
UPDATE "shop"."main_roo"."roo_runs" SET status = 'error', finished_at = sysdate, message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO "shop"."main_roo"."roo_runs" (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, sysdate, 'running');

-- sync 2: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
DROP TABLE IF EXISTS roo_temporary__withheld;
CREATE TEMPORARY TABLE roo_temporary__withheld AS SELECT k1, min(test) AS test
  FROM (SELECT CAST(m."id" AS varchar(65535)) AS k1, 'not_null_city' AS test
  FROM "shop"."main"."customers" m
  WHERE EXISTS (SELECT 1
  FROM "shop"."main"."customers" f
  WHERE CAST(f."id" AS varchar(65535)) = CAST(m."id" AS varchar(65535)))) x
  GROUP BY k1;
SELECT CAST(o."key__id" AS varchar(65535)), EXISTS (SELECT 1
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE CAST(o."key__id" AS varchar(65535)) = CAST(s."key__id" AS varchar(65535))), w.test
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) o
  JOIN roo_temporary__withheld w ON CAST(o."key__id" AS varchar(65535)) = w.k1
  ORDER BY 1 LIMIT 5;
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c;
DROP TABLE IF EXISTS roo_temporary__duplicates;
CREATE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS varchar(65535)) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS varchar(65535)))), '') AS identifier
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS varchar(65535)))), '') AS identifier
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__candidates;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c."key__id", s."key__id") AS bigint) AS "key__id", c."email" AS "n_email", s."email" AS "o_email", c."home_city" AS "n_home_city", s."home_city" AS "o_home_city", c."ltv" AS "n_ltv", s."ltv" AS "o_ltv", c."spent" AS "n_spent", s."spent" AS "o_spent", c."seen" AS "n_seen", s."seen" AS "o_seen", c."dob" AS "n_dob", s."dob" AS "o_dob", c."doc" AS "n_doc", s."doc" AS "o_doc", c."tags" AS "n_tags", s."tags" AS "o_tags", c."source" AS "n_source", s."source" AS "o_source", c."_group_vip" AS "n__group_vip", s."_group_vip" AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", s."_groups_segments" AS "o__groups_segments", coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS varchar(65535)) AS roo_inherited, CAST(NULL AS varchar(65535)) AS roo_successors
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c
  FULL JOIN "shop"."main_roo"."snapshot__people" s ON c."key__id" = s."key__id"
  WHERE s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT coalesce(c."email" = s."email" AND octet_length(c."email") = octet_length(s."email"), c."email" IS NULL AND s."email" IS NULL)) OR (NOT coalesce(c."home_city" = s."home_city" AND octet_length(c."home_city") = octet_length(s."home_city"), c."home_city" IS NULL AND s."home_city" IS NULL)) OR (NOT coalesce(c."ltv" = s."ltv", c."ltv" IS NULL AND s."ltv" IS NULL)) OR (NOT coalesce(c."spent" = s."spent", c."spent" IS NULL AND s."spent" IS NULL)) OR (NOT coalesce(c."seen" = s."seen", c."seen" IS NULL AND s."seen" IS NULL)) OR (NOT coalesce(c."dob" = s."dob", c."dob" IS NULL AND s."dob" IS NULL)) OR (NOT coalesce(c."doc" = s."doc", c."doc" IS NULL AND s."doc" IS NULL)) OR (NOT coalesce(c."tags" = s."tags", c."tags" IS NULL AND s."tags" IS NULL)) OR (NOT coalesce(c."source" = s."source" AND octet_length(c."source") = octet_length(s."source"), c."source" IS NULL AND s."source" IS NULL)) OR (NOT coalesce(c."_group_vip" = s."_group_vip", c."_group_vip" IS NULL AND s."_group_vip" IS NULL)) OR (NOT coalesce(c."_groups_segments" = s."_groups_segments", c."_groups_segments" IS NULL AND s."_groups_segments" IS NULL)) OR s.roo_synced_at < dateadd(second, -2592000, sysdate)));
SELECT count(*)
  FROM roo_temporary__candidates;
UPDATE roo_temporary__candidates AS x SET roo_moved = true
  WHERE x.roo_operation = 'update' AND nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), '') <> nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '') AND true;
UPDATE roo_temporary__candidates AS x SET roo_claims = true
  WHERE (x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty) AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE true AND nullif(lower(trim(CAST(s."email" AS varchar(65535)))), '') = coalesce(nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), ''), nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '')) AND NOT (CAST(s."key__id" AS varchar(65535)) = CAST(x."key__id" AS varchar(65535))));
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_claims;
UPDATE roo_temporary__candidates AS x SET roo_inherited = h.found
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS varchar(65535)))), '') AS identifier, '[' || listagg(('{"@group:VIP":' || coalesce(CASE WHEN s."_group_vip" THEN 'true' WHEN NOT s."_group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce(s."_groups_segments", 'null') || '}'), ',') || ']' AS found
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE (s."_group_vip" IS NOT NULL OR s."_groups_segments" IS NOT NULL) AND nullif(lower(trim(CAST(s."email" AS varchar(65535)))), '') IN (SELECT coalesce(nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), ''), nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), ''))
  FROM roo_temporary__candidates x
  WHERE x.roo_claims)
  GROUP BY 1) h
  WHERE x.roo_claims AND h.identifier = coalesce(nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), ''), nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), ''));
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM "shop"."main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f;
UPDATE roo_temporary__candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND x.roo_claims;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_moved;
UPDATE roo_temporary__candidates AS x SET roo_shared = true
  WHERE x.roo_moved AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE NOT false AND nullif(lower(trim(CAST(s."email" AS varchar(65535)))), '') = nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '') AND NOT (CAST(s."key__id" AS varchar(65535)) = CAST(x."key__id" AS varchar(65535))));
UPDATE roo_temporary__candidates AS x SET roo_shared = true
  WHERE x.roo_moved AND x.roo_dirty AND EXISTS (SELECT 1
  FROM roo_temporary__candidates y
  WHERE (y.roo_operation = 'create' OR y.roo_moved OR (y.roo_departed AND y.roo_operation = 'update')) AND nullif(lower(trim(CAST(y."n_email" AS varchar(65535)))), '') = nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '') AND NOT (CAST(x."key__id" AS varchar(65535)) = CAST(y."key__id" AS varchar(65535))));
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_shared;
UPDATE roo_temporary__candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM roo_temporary__candidates y
  WHERE y.roo_moved AND nullif(lower(trim(CAST(y."o_email" AS varchar(65535)))), '') = nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), ''));
UPDATE roo_temporary__candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_unaccepted" u
  WHERE u.destination = 'people' AND u.key = CAST(x."key__id" AS varchar(65535)) AND u.code = 'conflict');
UPDATE roo_temporary__candidates AS x SET "o__group_vip" = h."_group_vip", "o__groups_segments" = h."_groups_segments"
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS varchar(65535)))), '') AS identifier, bool_or(s."_group_vip") AS "_group_vip", max(s."_groups_segments") AS "_groups_segments"
  FROM "shop"."main_roo"."snapshot__people" s
  GROUP BY 1) h
  WHERE x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), '');
SELECT count(CASE WHEN roo_departed IS NOT NULL THEN 1 END), count(CASE WHEN NOT roo_departed THEN 1 END)
  FROM "shop"."main_roo"."snapshot__people" s;
SELECT count(CASE WHEN roo_operation IN ('create') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') THEN 1 END)
  FROM roo_temporary__candidates;
SELECT CAST(c."key__id" AS varchar(65535)), count(*), count(*) OVER ()
  FROM (SELECT *
  FROM roo_temporary__candidates
  WHERE roo_operation = 'create') c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart');
DROP TABLE IF EXISTS roo_temporary__holders;
CREATE TEMPORARY TABLE roo_temporary__holders AS SELECT identifier, min(holder) AS holder, max(shared_1) AS shared_1, max(shared_2) AS shared_2
  FROM (SELECT r.identifier, r.holder, 1 AS shared_1, 1 AS shared_2
  FROM (SELECT nullif(lower(trim(CAST(c."email" AS varchar(65535)))), '') AS identifier, 'record ' || CAST(c."key__id" AS varchar(65535)) || ' still has the same identifier' AS holder
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", CAST("city" AS varchar(65535)) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c) r
  UNION ALL SELECT r.identifier, r.holder, 0 AS shared_1, 0 AS shared_2
  FROM (SELECT u.identifier, 'destination leads still has the same identifier' AS holder
  FROM (SELECT CAST("email" AS varchar(65535)) AS identifier
  FROM "shop"."main"."customers"
  WHERE CAST("email" AS varchar(65535)) IS NULL) u) r) o
  WHERE identifier IN (SELECT nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '') AS identifier
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart'))
  GROUP BY identifier;
UPDATE roo_temporary__candidates AS x SET "n_email" = x."o_email", "n_home_city" = x."o_home_city", "n_ltv" = x."o_ltv", "n_spent" = x."o_spent", "n_seen" = x."o_seen", "n_dob" = x."o_dob", "n_doc" = x."o_doc", "n_tags" = x."o_tags", "n_source" = x."o_source", "n__group_vip" = CASE WHEN h.shared_1 = 1 THEN x."o__group_vip" END, "n__groups_segments" = CASE WHEN h.shared_2 = 1 THEN x."o__groups_segments" END, roo_operation = 'depart'
  FROM roo_temporary__holders h
  WHERE x.roo_operation IN ('delete', 'depart') AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0)) AND nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '') = h.identifier;
DROP TABLE IF EXISTS "shop"."main_roo"."changes__people";
CREATE TABLE "shop"."main_roo"."changes__people" SORTKEY (roo_seq) AS SELECT row_number() OVER (ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create') AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'skipped' WHEN u.status = 'skipped' THEN 'skipped' WHEN u.status = 'unknown' THEN 'unknown' END AS roo_status, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'conflict' WHEN u.status = 'skipped' THEN 'absent' WHEN u.status = 'unknown' THEN 'ambiguous' END AS roo_code, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'not removed: ' || h.holder WHEN u.status = 'skipped' THEN u.message WHEN u.status = 'unknown' THEN u.message END AS roo_message, coalesce((u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR false)), false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS varchar(65535)) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN roo_temporary__holders h ON x.roo_operation IN ('delete', 'depart') AND nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '') = h.identifier
  LEFT JOIN "shop"."main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = x.roo_key AND u.permanent AND u.operation = CASE WHEN x.roo_operation = 'depart' THEN 'update' ELSE x.roo_operation END AND (u.status = 'unknown' OR u.fingerprint = md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"home_city":' || coalesce(CASE WHEN "n_home_city" IS NOT NULL THEN json_serialize(CAST("n_home_city" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("n_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("n_ltv" AS varchar(65535)) ELSE CAST("n_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS varchar(65535)) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || '}') END)) AND (u.status <> 'skipped' OR u.last_at > dateadd(second, -604800, sysdate))
  WHERE NOT (x.roo_operation IN ('delete', 'depart') AND x.roo_departed AND h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))))) z
  ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create';
DROP TABLE IF EXISTS roo_temporary__candidates;
DROP TABLE IF EXISTS roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END)
  FROM "shop"."main_roo"."changes__people";
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_seq <= 6;
SELECT count(*)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__group_vip" IS NOT NULL AND "n__group_vip" IS NULL;
SELECT name, count(*)
  FROM (SELECT CAST(e AS varchar(65535)) AS name
  FROM (SELECT array_except(json_parse("o__groups_segments"), json_parse(coalesce("n__groups_segments", '[]')), true) AS names
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__groups_segments" IS NOT NULL) r, r.names AS e) e
  GROUP BY name;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_email" = "o_email" AND octet_length("n_email") = octet_length("o_email"), "n_email" IS NULL AND "o_email" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_home_city" = "o_home_city" AND octet_length("n_home_city") = octet_length("o_home_city"), "n_home_city" IS NULL AND "o_home_city" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_ltv" = "o_ltv", "n_ltv" IS NULL AND "o_ltv" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_spent" = "o_spent", "n_spent" IS NULL AND "o_spent" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_seen" = "o_seen", "n_seen" IS NULL AND "o_seen" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_dob" = "o_dob", "n_dob" IS NULL AND "o_dob" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_doc" = "o_doc", "n_doc" IS NULL AND "o_doc" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_tags" = "o_tags", "n_tags" IS NULL AND "o_tags" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_source" = "o_source" AND octet_length("n_source") = octet_length("o_source"), "n_source" IS NULL AND "o_source" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n__group_vip" = "o__group_vip", "n__group_vip" IS NULL AND "o__group_vip" IS NULL)) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n__groups_segments" = "o__groups_segments", "n__groups_segments" IS NULL AND "o__groups_segments" IS NULL)) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 6;
SELECT DISTINCT roo_inherited
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT CAST(e AS varchar(65535)) AS name
  FROM (SELECT array_concat(json_parse(coalesce("n__groups_segments", '[]')), json_parse(coalesce("o__groups_segments", '[]'))) AS names
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) r, r.names AS e) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 6
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
SELECT 'held', u.code, count(*), min(u.message)
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_unaccepted" u ON u.key = c.roo_key AND u.destination = ?
  WHERE c.roo_held
  GROUP BY u.code
  ORDER BY count(*) DESC, 2 LIMIT 20;
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
INSERT INTO "shop"."main_roo"."roo_destinations" (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, sysdate
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_destinations"
  WHERE destination = ?);
UPDATE "shop"."main_roo"."roo_destinations" SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_destinations" SET pending_run = ?, pending_shape = ?, updated_at = sysdate
  WHERE destination = ?;
SELECT count(*)
  FROM "shop"."main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= 6;
SELECT count(*)
  FROM "shop"."main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 6;
UPDATE "shop"."main_roo"."snapshot__people" AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 6 AND nullif(lower(trim(CAST(s."email" AS varchar(65535)))), '') = nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), '') AND NOT (CAST(s."key__id" AS varchar(65535)) = CAST(x."key__id" AS varchar(65535))));

-- sync 2: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"home_city":' || coalesce(CASE WHEN "n_home_city" IS NOT NULL THEN json_serialize(CAST("n_home_city" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("n_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("n_ltv" AS varchar(65535)) ELSE CAST("n_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS varchar(65535)) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN ('{"email":' || coalesce(CASE WHEN "o_email" IS NOT NULL THEN json_serialize(CAST("o_email" AS super)) END, 'null') || ',"home_city":' || coalesce(CASE WHEN "o_home_city" IS NOT NULL THEN json_serialize(CAST("o_home_city" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("o_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("o_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("o_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("o_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "o_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "o_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("o_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("o_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "o_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("o_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("o_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("o_doc", 'null') || ',"tags":' || coalesce("o_tags", 'null') || ',"source":' || coalesce(CASE WHEN "o_source" IS NOT NULL THEN json_serialize(CAST("o_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "o__group_vip" THEN 'true' WHEN NOT "o__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("o__groups_segments", 'null') || '}') END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_email" = "o_email" AND octet_length("n_email") = octet_length("o_email"), "n_email" IS NULL AND "o_email" IS NULL)) OR roo_dirty) THEN 'email' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_email" = "o_email" AND octet_length("n_email") = octet_length("o_email"), "n_email" IS NULL AND "o_email" IS NULL)) OR roo_dirty) THEN 'email' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_home_city" = "o_home_city" AND octet_length("n_home_city") = octet_length("o_home_city"), "n_home_city" IS NULL AND "o_home_city" IS NULL)) OR roo_dirty) THEN 'home_city' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_home_city" = "o_home_city" AND octet_length("n_home_city") = octet_length("o_home_city"), "n_home_city" IS NULL AND "o_home_city" IS NULL)) OR roo_dirty) THEN 'home_city' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_ltv" = "o_ltv", "n_ltv" IS NULL AND "o_ltv" IS NULL)) OR roo_dirty) THEN 'ltv' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_ltv" = "o_ltv", "n_ltv" IS NULL AND "o_ltv" IS NULL)) OR roo_dirty) THEN 'ltv' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_spent" = "o_spent", "n_spent" IS NULL AND "o_spent" IS NULL)) OR roo_dirty) THEN 'spent' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_spent" = "o_spent", "n_spent" IS NULL AND "o_spent" IS NULL)) OR roo_dirty) THEN 'spent' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_seen" = "o_seen", "n_seen" IS NULL AND "o_seen" IS NULL)) OR roo_dirty) THEN 'seen' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_seen" = "o_seen", "n_seen" IS NULL AND "o_seen" IS NULL)) OR roo_dirty) THEN 'seen' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_dob" = "o_dob", "n_dob" IS NULL AND "o_dob" IS NULL)) OR roo_dirty) THEN 'dob' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_dob" = "o_dob", "n_dob" IS NULL AND "o_dob" IS NULL)) OR roo_dirty) THEN 'dob' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_doc" = "o_doc", "n_doc" IS NULL AND "o_doc" IS NULL)) OR roo_dirty) THEN 'doc' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_doc" = "o_doc", "n_doc" IS NULL AND "o_doc" IS NULL)) OR roo_dirty) THEN 'doc' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_tags" = "o_tags", "n_tags" IS NULL AND "o_tags" IS NULL)) OR roo_dirty) THEN 'tags' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_tags" = "o_tags", "n_tags" IS NULL AND "o_tags" IS NULL)) OR roo_dirty) THEN 'tags' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_source" = "o_source" AND octet_length("n_source") = octet_length("o_source"), "n_source" IS NULL AND "o_source" IS NULL)) OR roo_dirty) THEN 'source' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_source" = "o_source" AND octet_length("n_source") = octet_length("o_source"), "n_source" IS NULL AND "o_source" IS NULL)) OR roo_dirty) THEN 'source' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n__group_vip" = "o__group_vip", "n__group_vip" IS NULL AND "o__group_vip" IS NULL)) OR roo_dirty) THEN '@group:VIP' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n__group_vip" = "o__group_vip", "n__group_vip" IS NULL AND "o__group_vip" IS NULL)) OR roo_dirty) THEN '@group:VIP' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n__groups_segments" = "o__groups_segments", "n__groups_segments" IS NULL AND "o__groups_segments" IS NULL)) OR roo_dirty) THEN '@groups:segments' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n__groups_segments" = "o__groups_segments", "n__groups_segments" IS NULL AND "o__groups_segments" IS NULL)) OR roo_dirty) THEN '@groups:segments' END AS super)) END, ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO "shop"."main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO "shop"."main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO "shop"."main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 2: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
DROP TABLE IF EXISTS roo_temporary__answered;
CREATE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_acknowledged" a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 2' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM "shop"."main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 2' AND status IN ('written', 'renamed', 'lost');
DROP TABLE IF EXISTS roo_temporary__traced;
CREATE TEMPORARY TABLE roo_temporary__traced AS SELECT t.roo_seq, min(CASE WHEN t.status = 'renamed' THEN 0 ELSE 1 END) = 0 AS renamed, max(CASE WHEN t.status IN ('lost', 'leaving') THEN 1 ELSE 0 END) = 1 AS lost, max(CASE WHEN t.status IN ('written', 'renamed') THEN 1 ELSE 0 END) = 1 AS partly
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_acknowledged" a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 2' AND status IN ('written', 'renamed', 'lost')) t
  JOIN "shop"."main_roo"."changes__people" c ON c.roo_seq = t.roo_seq
  WHERE c.roo_status IS NULL AND NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = t.roo_seq AND (a.status = 'accepted' OR t.status = 'leaving'))
  GROUP BY t.roo_seq;
SELECT count(*)
  FROM roo_temporary__traced;
DELETE
  FROM "shop"."main_roo"."snapshot__people"
  WHERE EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE x."key__id" = "snapshot__people"."key__id");
INSERT INTO "shop"."main_roo"."snapshot__people" ("key__id", "email", "home_city", "ltv", "spent", "seen", "dob", "doc", "tags", "source", "_group_vip", "_groups_segments", roo_departed, roo_dirty, roo_whole, roo_synced_at) SELECT c."key__id", c."n_email", c."n_home_city", c."n_ltv", c."n_spent", c."n_seen", c."n_dob", c."n_doc", c."n_tags", c."n_source", c."n__group_vip", c."n__groups_segments", c.roo_operation IN ('depart', 'delete'), (c.roo_operation = 'depart' AND (c.roo_dirty OR false)), false, sysdate
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE "shop"."main_roo"."snapshot__people" AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE "shop"."main_roo"."snapshot__people" AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
UPDATE "shop"."main_roo"."snapshot__people" AS s SET roo_departed = CASE WHEN c.roo_operation = 'update' THEN false ELSE s.roo_departed END, roo_dirty = s.roo_departed IS NOT NULL, roo_whole = true, "email" = CASE WHEN c.roo_renamed THEN c."n_email" WHEN s.roo_departed IS NULL THEN coalesce(c."n_email", s."email") ELSE s."email" END, "home_city" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_home_city", s."home_city") ELSE s."home_city" END, "ltv" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_ltv", s."ltv") ELSE s."ltv" END, "spent" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_spent", s."spent") ELSE s."spent" END, "seen" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_seen", s."seen") ELSE s."seen" END, "dob" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_dob", s."dob") ELSE s."dob" END, "doc" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_doc", s."doc") ELSE s."doc" END, "tags" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_tags", s."tags") ELSE s."tags" END, "source" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_source", s."source") ELSE s."source" END, "_group_vip" = CASE WHEN NOT c.roo_lost THEN coalesce(s."_group_vip", c."n__group_vip") ELSE CASE WHEN coalesce(s."_group_vip" = c."n__group_vip" AND octet_length(s."_group_vip") = octet_length(c."n__group_vip"), s."_group_vip" IS NULL AND c."n__group_vip" IS NULL) THEN s."_group_vip" ELSE false END END, "_groups_segments" = CASE WHEN get_array_length(array_sort(array_except(array_concat(json_parse(coalesce(s."_groups_segments", '[]')), json_parse(coalesce(c."n__groups_segments", '[]'))), array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except(array_concat(json_parse(coalesce(s."_groups_segments", '[]')), json_parse(coalesce(c."n__groups_segments", '[]'))), array('', NULL), true))) END
  FROM (SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq) c
  WHERE CAST(c."key__id" AS varchar(65535)) = CAST(s."key__id" AS varchar(65535)) AND (c.roo_operation <> 'create' OR s.roo_departed IS NULL);
INSERT INTO "shop"."main_roo"."snapshot__people" ("key__id", "email", "home_city", "ltv", "spent", "seen", "dob", "doc", "tags", "source", "_group_vip", "_groups_segments", roo_departed, roo_dirty, roo_whole, roo_synced_at) SELECT CAST(c."key__id" AS bigint), c."n_email", c."n_home_city", c."n_ltv", c."n_spent", c."n_seen", c."n_dob", c."n_doc", c."n_tags", c."n_source", CASE WHEN c.roo_lost THEN NOT c."n__group_vip" ELSE c."n__group_vip" END, c."n__groups_segments", CASE WHEN c.roo_partly THEN false END, false, true, sysdate
  FROM (SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq) c
  WHERE c.roo_operation = 'create' AND NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE CAST(c."key__id" AS varchar(65535)) = CAST(s."key__id" AS varchar(65535)));
INSERT INTO "shop"."main_roo"."roo_former_identifiers" (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, sysdate
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS varchar(65535)) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS varchar(65535)) END AS went_to
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq
  WHERE t.renamed AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS varchar(65535)) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS varchar(65535)) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_former_identifiers" f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
INSERT INTO "shop"."main_roo"."roo_outcomes" SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, sysdate
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq;
INSERT INTO "shop"."main_roo"."roo_former_identifiers" (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, sysdate
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS varchar(65535)) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS varchar(65535)) END AS went_to
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS varchar(65535)) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS varchar(65535)) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_former_identifiers" f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP TABLE IF EXISTS roo_temporary__failed;
CREATE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, sysdate) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"home_city":' || coalesce(CASE WHEN "n_home_city" IS NOT NULL THEN json_serialize(CAST("n_home_city" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("n_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("n_ltv" AS varchar(65535)) ELSE CAST("n_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("n_ltv" AS varchar(65535)) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || '}') END) AS fingerprint
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN "shop"."main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DELETE
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE "roo_unaccepted".destination = ? AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = "roo_unaccepted".key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO "shop"."main_roo"."roo_unaccepted" SELECT ?, roo_key, operation, status, code, message, attempts, first_at, sysdate, permanent, fingerprint
  FROM roo_temporary__failed;
UPDATE "shop"."main_roo"."roo_destinations" SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = sysdate
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM "shop"."main_roo"."roo_acknowledged"
  WHERE destination = ?;
DROP TABLE IF EXISTS "shop"."main_roo"."changes__people";
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
UPDATE "shop"."main_roo"."roo_runs" SET finished_at = sysdate, status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM "shop"."main_roo"."roo_outcomes"
  WHERE destination = ? AND time < dateadd(second, -2592000, sysdate);
DELETE
  FROM "shop"."main_roo"."roo_runs"
  WHERE destination = ? AND started_at < dateadd(second, -2592000, sysdate);
UPDATE "shop"."main_roo"."roo_locks" SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- sync 3: the lock
INSERT INTO "shop"."main_roo"."roo_locks" (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_locks"
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM "shop"."main_roo"."roo_locks"
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_locks" SET run_id = ?, host = ?, pid = ?, taken_at = sysdate, heartbeat_at = sysdate
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < dateadd(second, -60, sysdate));
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
UPDATE "shop"."main_roo"."roo_runs" SET status = 'error', finished_at = sysdate, message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO "shop"."main_roo"."roo_runs" (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, sysdate, 'running');

-- sync 3: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c;
DROP TABLE IF EXISTS roo_temporary__duplicates;
CREATE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS varchar(65535)) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS varchar(65535)))), '') AS identifier
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS varchar(65535)))), '') AS identifier
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__candidates;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c."key__id", s."key__id") AS bigint) AS "key__id", c."email" AS "n_email", s."email" AS "o_email", c."ltv" AS "n_ltv", s."ltv" AS "o_ltv", c."spent" AS "n_spent", s."spent" AS "o_spent", c."seen" AS "n_seen", s."seen" AS "o_seen", c."dob" AS "n_dob", s."dob" AS "o_dob", c."doc" AS "n_doc", s."doc" AS "o_doc", c."tags" AS "n_tags", s."tags" AS "o_tags", c."source" AS "n_source", s."source" AS "o_source", c."_group_vip" AS "n__group_vip", s."_group_vip" AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", s."_groups_segments" AS "o__groups_segments", CAST(NULL AS varchar(65535)) AS "n_home_city", s."home_city" AS "o_home_city", coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS varchar(65535)) AS roo_inherited, CAST(NULL AS varchar(65535)) AS roo_successors
  FROM (SELECT "id" AS "key__id", CAST("email" AS varchar(65535)) AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", CASE WHEN "doc" IS NOT NULL THEN json_serialize("doc") END AS "doc", CASE WHEN CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END IS NOT NULL THEN json_serialize(array_sort(array_except(json_parse(CASE WHEN "segments" IS NOT NULL THEN json_serialize("segments") END), array(NULL), true))) END AS "tags", CAST('warehouse' AS varchar(65535)) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", CASE WHEN get_array_length(array_sort(array_except("segments", array('', NULL), true))) > 0 THEN json_serialize(array_sort(array_except("segments", array('', NULL), true))) END AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c
  FULL JOIN "shop"."main_roo"."snapshot__people" s ON c."key__id" = s."key__id"
  WHERE s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT coalesce(c."email" = s."email" AND octet_length(c."email") = octet_length(s."email"), c."email" IS NULL AND s."email" IS NULL)) OR (NOT (coalesce(c."ltv" = TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)), c."ltv" IS NULL AND TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) IS NULL) AND coalesce(CAST(CASE WHEN rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) = CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535)) AND octet_length(CAST(CASE WHEN rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535))) = octet_length(CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535))), CAST(CASE WHEN rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(c."ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) IS NULL AND CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535)) IS NULL))) OR (NOT coalesce(c."spent" = s."spent", c."spent" IS NULL AND s."spent" IS NULL)) OR (NOT coalesce(c."seen" = s."seen", c."seen" IS NULL AND s."seen" IS NULL)) OR (NOT coalesce(c."dob" = s."dob", c."dob" IS NULL AND s."dob" IS NULL)) OR (NOT coalesce(c."doc" = s."doc", c."doc" IS NULL AND s."doc" IS NULL)) OR (NOT coalesce(c."tags" = s."tags", c."tags" IS NULL AND s."tags" IS NULL)) OR (NOT coalesce(c."source" = s."source" AND octet_length(c."source") = octet_length(s."source"), c."source" IS NULL AND s."source" IS NULL)) OR (NOT coalesce(c."_group_vip" = s."_group_vip", c."_group_vip" IS NULL AND s."_group_vip" IS NULL)) OR (NOT coalesce(c."_groups_segments" = s."_groups_segments", c."_groups_segments" IS NULL AND s."_groups_segments" IS NULL)) OR (s."home_city" IS NOT NULL) OR s.roo_synced_at < dateadd(second, -2592000, sysdate)));
SELECT count(*)
  FROM roo_temporary__candidates;
UPDATE roo_temporary__candidates AS x SET roo_moved = true
  WHERE x.roo_operation = 'update' AND nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), '') <> nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '') AND true;
UPDATE roo_temporary__candidates AS x SET roo_claims = true
  WHERE (x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty) AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE true AND nullif(lower(trim(CAST(s."email" AS varchar(65535)))), '') = coalesce(nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), ''), nullif(lower(trim(CAST(x."o_email" AS varchar(65535)))), '')) AND NOT (CAST(s."key__id" AS varchar(65535)) = CAST(x."key__id" AS varchar(65535))));
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_claims;
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM "shop"."main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f;
UPDATE roo_temporary__candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND EXISTS (SELECT 1
  FROM (SELECT identifier, went_to
  FROM "shop"."main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE nullif(lower(trim(CAST(f.identifier AS varchar(65535)))), '') = nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), ''));
UPDATE roo_temporary__candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM (SELECT identifier, went_to
  FROM "shop"."main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE nullif(lower(trim(CAST(f.identifier AS varchar(65535)))), '') = nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), ''));
UPDATE roo_temporary__candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND x.roo_claims;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_moved;
UPDATE roo_temporary__candidates AS x SET roo_successors = h.found
  FROM (SELECT identifier, '[' || listagg(('[' || substr(coalesce(',' || CASE WHEN p.went_to IS NOT NULL THEN json_serialize(CAST(p.went_to AS super)) END, ''), 2) || ']'), ',') || ']' AS found
  FROM (SELECT DISTINCT nullif(lower(trim(CAST(f.identifier AS varchar(65535)))), '') AS identifier, f.went_to
  FROM (SELECT identifier, went_to
  FROM "shop"."main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE f.went_to IN (SELECT identifier
  FROM (SELECT identifier, went_to
  FROM "shop"."main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') b)) p
  GROUP BY identifier) h
  WHERE x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), '');
UPDATE roo_temporary__candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_unaccepted" u
  WHERE u.destination = 'people' AND u.key = CAST(x."key__id" AS varchar(65535)) AND u.code = 'conflict');
UPDATE roo_temporary__candidates AS x SET "o__group_vip" = h."_group_vip", "o__groups_segments" = h."_groups_segments"
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS varchar(65535)))), '') AS identifier, bool_or(s."_group_vip") AS "_group_vip", max(s."_groups_segments") AS "_groups_segments"
  FROM "shop"."main_roo"."snapshot__people" s
  GROUP BY 1) h
  WHERE x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS varchar(65535)))), '');
SELECT count(CASE WHEN roo_departed IS NOT NULL THEN 1 END), count(CASE WHEN NOT roo_departed THEN 1 END)
  FROM "shop"."main_roo"."snapshot__people" s;
SELECT count(CASE WHEN roo_operation IN ('create') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') THEN 1 END)
  FROM roo_temporary__candidates;
SELECT CAST(c."key__id" AS varchar(65535)), count(*), count(*) OVER ()
  FROM (SELECT *
  FROM roo_temporary__candidates
  WHERE roo_operation = 'create') c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart');
DROP TABLE IF EXISTS "shop"."main_roo"."changes__people";
CREATE TABLE "shop"."main_roo"."changes__people" SORTKEY (roo_seq) AS SELECT row_number() OVER (ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create') AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN u.status = 'skipped' THEN 'skipped' WHEN u.status = 'unknown' THEN 'unknown' END AS roo_status, CASE WHEN u.status = 'skipped' THEN 'absent' WHEN u.status = 'unknown' THEN 'ambiguous' END AS roo_code, CASE WHEN u.status = 'skipped' THEN u.message WHEN u.status = 'unknown' THEN u.message END AS roo_message, coalesce((u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR false)), false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS varchar(65535)) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN "shop"."main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = x.roo_key AND u.permanent AND u.operation = CASE WHEN x.roo_operation = 'depart' THEN 'update' ELSE x.roo_operation END AND (u.status = 'unknown' OR u.fingerprint = md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || '}') END)) AND (u.status <> 'skipped' OR u.last_at > dateadd(second, -604800, sysdate))
  WHERE NOT false) z
  ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create';
DROP TABLE IF EXISTS roo_temporary__candidates;
DROP TABLE IF EXISTS roo_temporary__duplicates;
DROP TABLE IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END), count(CASE WHEN roo_operation = 'update' AND NOT roo_held AND "o_home_city" IS NOT NULL THEN 1 END)
  FROM "shop"."main_roo"."changes__people";
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_seq <= 4;
SELECT count(*)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__group_vip" IS NOT NULL AND "n__group_vip" IS NULL;
SELECT name, count(*)
  FROM (SELECT CAST(e AS varchar(65535)) AS name
  FROM (SELECT array_except(json_parse("o__groups_segments"), json_parse(coalesce("n__groups_segments", '[]')), true) AS names
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__groups_segments" IS NOT NULL) r, r.names AS e) e
  GROUP BY name;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_email" = "o_email" AND octet_length("n_email") = octet_length("o_email"), "n_email" IS NULL AND "o_email" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (coalesce("n_ltv" = TRY_CAST(nullif(trim(CAST("o_ltv" AS varchar(65535))), '') AS numeric(12,4)), "n_ltv" IS NULL AND TRY_CAST(nullif(trim(CAST("o_ltv" AS varchar(65535))), '') AS numeric(12,4)) IS NULL) AND coalesce(CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) = CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) AND octet_length(CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535))) = octet_length(CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535))), CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) IS NULL AND CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) IS NULL))) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_spent" = "o_spent", "n_spent" IS NULL AND "o_spent" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_seen" = "o_seen", "n_seen" IS NULL AND "o_seen" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_dob" = "o_dob", "n_dob" IS NULL AND "o_dob" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_doc" = "o_doc", "n_doc" IS NULL AND "o_doc" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_tags" = "o_tags", "n_tags" IS NULL AND "o_tags" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n_source" = "o_source" AND octet_length("n_source") = octet_length("o_source"), "n_source" IS NULL AND "o_source" IS NULL)) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n__group_vip" = "o__group_vip", "n__group_vip" IS NULL AND "o__group_vip" IS NULL)) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT coalesce("n__groups_segments" = "o__groups_segments", "n__groups_segments" IS NULL AND "o__groups_segments" IS NULL)) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("o_home_city" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 4;
SELECT DISTINCT roo_inherited
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT CAST(e AS varchar(65535)) AS name
  FROM (SELECT array_concat(json_parse(coalesce("n__groups_segments", '[]')), json_parse(coalesce("o__groups_segments", '[]'))) AS names
  FROM "shop"."main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) r, r.names AS e) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 4
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
SELECT 'held', u.code, count(*), min(u.message)
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_unaccepted" u ON u.key = c.roo_key AND u.destination = ?
  WHERE c.roo_held
  GROUP BY u.code
  ORDER BY count(*) DESC, 2 LIMIT 20;
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
UPDATE "shop"."main_roo"."snapshot__people" SET roo_whole = true
  WHERE NOT roo_departed;
INSERT INTO "shop"."main_roo"."roo_destinations" (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, sysdate
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_destinations"
  WHERE destination = ?);
UPDATE "shop"."main_roo"."roo_destinations" SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_destinations" SET pending_run = ?, pending_shape = ?, updated_at = sysdate
  WHERE destination = ?;
SELECT count(*)
  FROM "shop"."main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= 4;
SELECT count(*)
  FROM "shop"."main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 4;

-- sync 3: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || ',"home_city":' || coalesce(CASE WHEN "n_home_city" IS NOT NULL THEN json_serialize(CAST("n_home_city" AS super)) END, 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN ('{"email":' || coalesce(CASE WHEN "o_email" IS NOT NULL THEN json_serialize(CAST("o_email" AS super)) END, 'null') || ',"home_city":' || coalesce(CASE WHEN "o_home_city" IS NOT NULL THEN json_serialize(CAST("o_home_city" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("o_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("o_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("o_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("o_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "o_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "o_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("o_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("o_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "o_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("o_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("o_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("o_doc", 'null') || ',"tags":' || coalesce("o_tags", 'null') || ',"source":' || coalesce(CASE WHEN "o_source" IS NOT NULL THEN json_serialize(CAST("o_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "o__group_vip" THEN 'true' WHEN NOT "o__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("o__groups_segments", 'null') || '}') END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_email" = "o_email" AND octet_length("n_email") = octet_length("o_email"), "n_email" IS NULL AND "o_email" IS NULL)) OR roo_dirty) THEN 'email' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_email" = "o_email" AND octet_length("n_email") = octet_length("o_email"), "n_email" IS NULL AND "o_email" IS NULL)) OR roo_dirty) THEN 'email' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (coalesce("n_ltv" = TRY_CAST(nullif(trim(CAST("o_ltv" AS varchar(65535))), '') AS numeric(12,4)), "n_ltv" IS NULL AND TRY_CAST(nullif(trim(CAST("o_ltv" AS varchar(65535))), '') AS numeric(12,4)) IS NULL) AND coalesce(CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) = CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) AND octet_length(CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535))) = octet_length(CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535))), CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) IS NULL AND CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) IS NULL))) OR roo_dirty) THEN 'ltv' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT (coalesce("n_ltv" = TRY_CAST(nullif(trim(CAST("o_ltv" AS varchar(65535))), '') AS numeric(12,4)), "n_ltv" IS NULL AND TRY_CAST(nullif(trim(CAST("o_ltv" AS varchar(65535))), '') AS numeric(12,4)) IS NULL) AND coalesce(CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) = CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) AND octet_length(CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535))) = octet_length(CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535))), CAST(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) IS NULL AND CAST(CASE WHEN CAST("o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST("o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST("o_ltv" AS varchar(65535)) ELSE CAST("o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST("o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) IS NULL))) OR roo_dirty) THEN 'ltv' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_spent" = "o_spent", "n_spent" IS NULL AND "o_spent" IS NULL)) OR roo_dirty) THEN 'spent' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_spent" = "o_spent", "n_spent" IS NULL AND "o_spent" IS NULL)) OR roo_dirty) THEN 'spent' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_seen" = "o_seen", "n_seen" IS NULL AND "o_seen" IS NULL)) OR roo_dirty) THEN 'seen' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_seen" = "o_seen", "n_seen" IS NULL AND "o_seen" IS NULL)) OR roo_dirty) THEN 'seen' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_dob" = "o_dob", "n_dob" IS NULL AND "o_dob" IS NULL)) OR roo_dirty) THEN 'dob' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_dob" = "o_dob", "n_dob" IS NULL AND "o_dob" IS NULL)) OR roo_dirty) THEN 'dob' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_doc" = "o_doc", "n_doc" IS NULL AND "o_doc" IS NULL)) OR roo_dirty) THEN 'doc' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_doc" = "o_doc", "n_doc" IS NULL AND "o_doc" IS NULL)) OR roo_dirty) THEN 'doc' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_tags" = "o_tags", "n_tags" IS NULL AND "o_tags" IS NULL)) OR roo_dirty) THEN 'tags' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_tags" = "o_tags", "n_tags" IS NULL AND "o_tags" IS NULL)) OR roo_dirty) THEN 'tags' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n_source" = "o_source" AND octet_length("n_source") = octet_length("o_source"), "n_source" IS NULL AND "o_source" IS NULL)) OR roo_dirty) THEN 'source' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n_source" = "o_source" AND octet_length("n_source") = octet_length("o_source"), "n_source" IS NULL AND "o_source" IS NULL)) OR roo_dirty) THEN 'source' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n__group_vip" = "o__group_vip", "n__group_vip" IS NULL AND "o__group_vip" IS NULL)) OR roo_dirty) THEN '@group:VIP' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n__group_vip" = "o__group_vip", "n__group_vip" IS NULL AND "o__group_vip" IS NULL)) OR roo_dirty) THEN '@group:VIP' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT coalesce("n__groups_segments" = "o__groups_segments", "n__groups_segments" IS NULL AND "o__groups_segments" IS NULL)) OR roo_dirty) THEN '@groups:segments' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN ((NOT coalesce("n__groups_segments" = "o__groups_segments", "n__groups_segments" IS NULL AND "o__groups_segments" IS NULL)) OR roo_dirty) THEN '@groups:segments' END AS super)) END, '') || coalesce(',' || CASE WHEN CASE WHEN (("o_home_city" IS NOT NULL) OR roo_dirty) THEN 'home_city' END IS NOT NULL THEN json_serialize(CAST(CASE WHEN (("o_home_city" IS NOT NULL) OR roo_dirty) THEN 'home_city' END AS super)) END, ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM "shop"."main_roo"."changes__people"
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO "shop"."main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO "shop"."main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 3: a plan while a run was interrupted
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
DROP TABLE IF EXISTS roo_temporary__answered;
CREATE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_acknowledged" a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 3' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
INSERT INTO roo_temporary__answered SELECT DISTINCT x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_acknowledged" a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 3' AND status = 'sending') x
  WHERE NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = x.roo_seq);
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM "shop"."main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 3' AND status IN ('written', 'renamed', 'lost', 'leaving');
SELECT count(*)
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE (s."home_city" IS NOT NULL OR s.roo_dirty) AND NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'depart') x
  WHERE CAST(x."key__id" AS varchar(65535)) = CAST(s."key__id" AS varchar(65535)));
DROP TABLE IF EXISTS roo_temporary__preview__people;
CREATE TEMPORARY TABLE roo_temporary__preview__people AS SELECT CAST(s."key__id" AS bigint) AS "key__id", s."email" AS "email", TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS "ltv", s."spent" AS "spent", s."seen" AS "seen", s."dob" AS "dob", s."doc" AS "doc", s."tags" AS "tags", s."source" AS "source", s."_group_vip" AS "_group_vip", s."_groups_segments" AS "_groups_segments", s.roo_departed, (s.roo_dirty OR NOT coalesce(CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535)) = CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) AND octet_length(CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535))) = octet_length(CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535))), CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535)) IS NULL AND CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) IS NULL)) AS roo_dirty, s.roo_whole, s.roo_synced_at
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE CAST(x."key__id" AS varchar(65535)) = CAST(s."key__id" AS varchar(65535)))
  UNION ALL SELECT CAST(c."key__id" AS bigint) AS "key__id", c."n_email" AS "email", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR NOT coalesce(CAST(CASE WHEN CAST(c."o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(c."o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST(c."o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(c."o_ltv" AS varchar(65535)) ELSE CAST(c."o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(c."o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) = CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) AND octet_length(CAST(CASE WHEN CAST(c."o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(c."o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST(c."o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(c."o_ltv" AS varchar(65535)) ELSE CAST(c."o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(c."o_ltv" AS varchar(65535)) || '"' END AS varchar(65535))) = octet_length(CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535))), CAST(CASE WHEN CAST(c."o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(c."o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST(c."o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(c."o_ltv" AS varchar(65535)) ELSE CAST(c."o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(c."o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) IS NULL AND CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) IS NULL))) AS roo_dirty, false AS roo_whole, sysdate AS roo_synced_at
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE roo_temporary__preview__people AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE roo_temporary__preview__people AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
DROP TABLE IF EXISTS roo_temporary__refused__people;
CREATE TEMPORARY TABLE roo_temporary__refused__people AS SELECT *
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE destination = 'people';
DROP TABLE IF EXISTS roo_temporary__failed;
CREATE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, sysdate) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || '}') END) AS fingerprint
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN roo_temporary__refused__people u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DELETE
  FROM roo_temporary__refused__people
  WHERE roo_temporary__refused__people.destination = ? AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = roo_temporary__refused__people.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO roo_temporary__refused__people SELECT ?, roo_key, operation, status, code, message, attempts, first_at, sysdate, permanent, fingerprint
  FROM roo_temporary__failed;

-- sync 3: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
DROP TABLE IF EXISTS roo_temporary__answered;
CREATE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_acknowledged" a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 3' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
INSERT INTO roo_temporary__answered SELECT DISTINCT x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true
  FROM (SELECT c.roo_seq, status, code, message, permanent
  FROM "shop"."main_roo"."changes__people" c
  JOIN "shop"."main_roo"."roo_acknowledged" a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq
  WHERE destination = 'people' AND run_id = 'run 3' AND status = 'sending') x
  WHERE NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = x.roo_seq);
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM "shop"."main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 3' AND status IN ('written', 'renamed', 'lost', 'leaving');
SELECT count(*)
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE (s."home_city" IS NOT NULL OR s.roo_dirty) AND NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'depart') x
  WHERE CAST(x."key__id" AS varchar(65535)) = CAST(s."key__id" AS varchar(65535)));
DROP TABLE IF EXISTS "shop"."main_roo"."rebuilt__people";
CREATE TABLE "shop"."main_roo"."rebuilt__people" AS SELECT CAST(s."key__id" AS bigint) AS "key__id", s."email" AS "email", TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS "ltv", s."spent" AS "spent", s."seen" AS "seen", s."dob" AS "dob", s."doc" AS "doc", s."tags" AS "tags", s."source" AS "source", s."_group_vip" AS "_group_vip", s."_groups_segments" AS "_groups_segments", s.roo_departed, (s.roo_dirty OR NOT coalesce(CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535)) = CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) AND octet_length(CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535))) = octet_length(CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535))), CAST(CASE WHEN CAST(s."ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS varchar(65535)) LIKE '%.%' OR CAST(s."ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(s."ltv" AS varchar(65535)) ELSE CAST(s."ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(s."ltv" AS varchar(65535)) || '"' END AS varchar(65535)) IS NULL AND CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(s."ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) IS NULL)) AS roo_dirty, s.roo_whole, s.roo_synced_at
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE CAST(x."key__id" AS varchar(65535)) = CAST(s."key__id" AS varchar(65535)))
  UNION ALL SELECT CAST(c."key__id" AS bigint) AS "key__id", c."n_email" AS "email", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR NOT coalesce(CAST(CASE WHEN CAST(c."o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(c."o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST(c."o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(c."o_ltv" AS varchar(65535)) ELSE CAST(c."o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(c."o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) = CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) AND octet_length(CAST(CASE WHEN CAST(c."o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(c."o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST(c."o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(c."o_ltv" AS varchar(65535)) ELSE CAST(c."o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(c."o_ltv" AS varchar(65535)) || '"' END AS varchar(65535))) = octet_length(CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535))), CAST(CASE WHEN CAST(c."o_ltv" AS varchar(65535)) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(c."o_ltv" AS varchar(65535)) LIKE '%.%' OR CAST(c."o_ltv" AS varchar(65535)) LIKE '%e%' THEN CAST(c."o_ltv" AS varchar(65535)) ELSE CAST(c."o_ltv" AS varchar(65535)) || '.0' END ELSE '"\\u0000roo:' || CAST(c."o_ltv" AS varchar(65535)) || '"' END AS varchar(65535)) IS NULL AND CAST(CASE WHEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST(TRY_CAST(nullif(trim(CAST(c."o_ltv" AS varchar(65535))), '') AS numeric(12,4)) AS varchar(65535)), '0'), '.') || '.0' END AS varchar(65535)) IS NULL))) AS roo_dirty, false AS roo_whole, sysdate AS roo_synced_at
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE "shop"."main_roo"."rebuilt__people" AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE "shop"."main_roo"."rebuilt__people" AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
DROP TABLE IF EXISTS "shop"."main_roo"."snapshot__people";
ALTER TABLE "shop"."main_roo"."rebuilt__people" RENAME TO "snapshot__people";
INSERT INTO "shop"."main_roo"."roo_outcomes" SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, sysdate
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq;
INSERT INTO "shop"."main_roo"."roo_former_identifiers" (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, sysdate
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS varchar(65535)) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS varchar(65535)) END AS went_to
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS varchar(65535)) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS varchar(65535))), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS varchar(65535)) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM "shop"."main_roo"."roo_former_identifiers" f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP TABLE IF EXISTS roo_temporary__failed;
CREATE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, sysdate) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN "n_email" IS NOT NULL THEN json_serialize(CAST("n_email" AS super)) END, 'null') || ',"ltv":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_ltv" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%.%' OR rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') LIKE '%e%' THEN rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') ELSE rtrim(rtrim(CAST("n_spent" AS varchar(65535)), '0'), '.') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN ('"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"') ELSE '"\\u0000roo:' || CAST("n_seen" AS varchar(65535)) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST("n_dob" AS varchar(65535)) || '"') ELSE '"\\u0000roo:' || CAST("n_dob" AS varchar(65535)) || '"' END, 'null') || ',"doc":' || coalesce("n_doc", 'null') || ',"tags":' || coalesce("n_tags", 'null') || ',"source":' || coalesce(CASE WHEN "n_source" IS NOT NULL THEN json_serialize(CAST("n_source" AS super)) END, 'null') || ',"@group:VIP":' || coalesce(CASE WHEN "n__group_vip" THEN 'true' WHEN NOT "n__group_vip" THEN 'false' END, 'null') || ',"@groups:segments":' || coalesce("n__groups_segments", 'null') || '}') END) AS fingerprint
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN "shop"."main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DELETE
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE "roo_unaccepted".destination = ? AND EXISTS (SELECT 1
  FROM "shop"."main_roo"."changes__people" c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = "roo_unaccepted".key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO "shop"."main_roo"."roo_unaccepted" SELECT ?, roo_key, operation, status, code, message, attempts, first_at, sysdate, permanent, fingerprint
  FROM roo_temporary__failed;
UPDATE "shop"."main_roo"."roo_destinations" SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = sysdate
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM "shop"."main_roo"."roo_acknowledged"
  WHERE destination = ?;
DROP TABLE IF EXISTS "shop"."main_roo"."changes__people";
UPDATE "shop"."main_roo"."roo_locks" SET heartbeat_at = sysdate
  WHERE destination = ? AND run_id = ?;
UPDATE "shop"."main_roo"."roo_runs" SET finished_at = sysdate, status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM "shop"."main_roo"."roo_outcomes"
  WHERE destination = ? AND time < dateadd(second, -2592000, sysdate);
DELETE
  FROM "shop"."main_roo"."roo_runs"
  WHERE destination = ? AND started_at < dateadd(second, -2592000, sysdate);
UPDATE "shop"."main_roo"."roo_locks" SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- questions, and forgetting
SELECT destination, run_id, to_char(started_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(finished_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), status, message, model_rows, requests, retries, created, updated, deleted, unchanged, skipped, failed, unknown, held
  FROM "shop"."main_roo"."roo_runs"
  ORDER BY started_at DESC, destination LIMIT 5;
SELECT destination, key, operation, status, code, message, attempts, to_char(first_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(last_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), permanent
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE status <> 'skipped'
  ORDER BY destination, first_at, key;
SELECT to_char(time, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), run_id, operation, outcome, code, message
  FROM "shop"."main_roo"."roo_outcomes"
  WHERE destination = ? AND key = ?
  ORDER BY time;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
SELECT roo_departed, to_char(roo_synced_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM "shop"."main_roo"."snapshot__people" s
  WHERE CAST(s."key__id" AS varchar(65535)) = ?;
SELECT destination, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM "shop"."main_roo"."roo_destinations";
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "shop"."main_roo"."roo_destinations";
SELECT count(*)
  FROM "shop"."main_roo"."snapshot__people"
  WHERE NOT roo_departed;
DELETE
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE destination = ? AND permanent AND status = 'unknown';
UPDATE "shop"."main_roo"."roo_unaccepted" SET permanent = false
  WHERE destination = ? AND permanent AND status = 'failed';
DELETE
  FROM "shop"."main_roo"."roo_destinations"
  WHERE destination = ?;
DROP TABLE IF EXISTS "shop"."main_roo"."snapshot__folk";
ALTER TABLE "shop"."main_roo"."snapshot__people" RENAME TO "snapshot__folk";
DELETE
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE destination = ?;
INSERT INTO "shop"."main_roo"."roo_unaccepted" (destination, key, operation, status, code, message, attempts, first_at, last_at, permanent, fingerprint) SELECT ?, key, operation, status, code, message, attempts, first_at, last_at, permanent, fingerprint
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_outcomes" SET destination = ?
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_destinations" SET destination = ?, unique_id = ?
  WHERE destination = ?;
DROP TABLE IF EXISTS "shop"."main_roo"."snapshot__people";
DELETE
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE destination = ?;
DELETE
  FROM "shop"."main_roo"."roo_locks"
  WHERE destination = ?;
UPDATE "shop"."main_roo"."roo_destinations" SET snapshot_shape = NULL
  WHERE destination = ?;
DROP TABLE IF EXISTS "shop"."main_roo"."snapshot__folk";
DROP TABLE IF EXISTS "shop"."main_roo"."rebuilt__folk";
DROP TABLE IF EXISTS "shop"."main_roo"."changes__folk";
DELETE
  FROM "shop"."main_roo"."roo_unaccepted"
  WHERE destination = ?;
DELETE
  FROM "shop"."main_roo"."roo_acknowledged"
  WHERE destination = ?;
DELETE
  FROM "shop"."main_roo"."roo_outcomes"
  WHERE destination = ?;
DELETE
  FROM "shop"."main_roo"."roo_locks"
  WHERE destination = ?;
DELETE
  FROM "shop"."main_roo"."roo_destinations"
  WHERE destination = ?;
