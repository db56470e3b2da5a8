-- The documentation of what is used here:
-- https://www.postgresql.org/docs/15/sql-commands.html
-- https://www.postgresql.org/docs/15/functions.html

-- the state tables
DO $roo$ BEGIN IF to_regnamespace('"main_roo"') IS NULL THEN CREATE SCHEMA "main_roo"; END IF; END $roo$;
CREATE TABLE IF NOT EXISTS "main_roo"."roo_state" (version bigint);
SELECT max(version)
  FROM "main_roo"."roo_state";
UPDATE "main_roo"."roo_state" SET version = 1
  WHERE true;
CREATE TABLE IF NOT EXISTS "main_roo"."roo_runs" (run_id text, destination text, unique_id text, app text, object text, target text, host text, pid bigint, started_at timestamp with time zone, finished_at timestamp with time zone, status text, message text, model_rows bigint, created bigint, updated bigint, deleted bigint, unchanged bigint, skipped bigint, failed bigint, unknown bigint, held bigint, requests bigint, retries bigint, overrides text);
CREATE TABLE IF NOT EXISTS "main_roo"."roo_outcomes" (run_id text, destination text, key text, operation text, outcome text, code text, message text, time timestamp with time zone);
CREATE TABLE IF NOT EXISTS "main_roo"."roo_locks" (destination text, run_id text, host text, pid bigint, taken_at timestamp with time zone, heartbeat_at timestamp with time zone);
CREATE TABLE IF NOT EXISTS "main_roo"."roo_destinations" (destination text, unique_id text, app text, object text, endpoint text, workspace text, key_columns text, identifier text, snapshot_shape text, pending_run text, pending_shape text, created_at timestamp with time zone, updated_at timestamp with time zone);
CREATE TABLE IF NOT EXISTS "main_roo"."roo_unaccepted" (destination text, key text, operation text, status text, code text, message text, attempts bigint, first_at timestamp with time zone, last_at timestamp with time zone, permanent boolean, fingerprint text);
CREATE TABLE IF NOT EXISTS "main_roo"."roo_former_identifiers" (app text, fields text, identifier text, went_to text, destination text, since timestamp with time zone);
CREATE TABLE IF NOT EXISTS "main_roo"."roo_acknowledged" (destination text, run_id text, first_seq bigint, last_seq bigint, status text, code text, message text, permanent boolean);
INSERT INTO "main_roo"."roo_state" SELECT 1
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_state");

-- sync 1: the lock
INSERT INTO "main_roo"."roo_locks" (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_locks"
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM "main_roo"."roo_locks"
  WHERE destination = ?;
UPDATE "main_roo"."roo_locks" SET run_id = ?, host = ?, pid = ?, taken_at = now(), heartbeat_at = now()
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < now() - INTERVAL '60 seconds');
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
UPDATE "main_roo"."roo_runs" SET status = 'error', finished_at = now(), message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO "main_roo"."roo_runs" (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, now(), 'running');

-- sync 1: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c;
DROP TABLE IF EXISTS pg_temp.roo_duplicates;
CREATE TEMPORARY TABLE roo_duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS text) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS text))), '') AS identifier
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS text))), '') AS identifier
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
ANALYZE pg_temp.roo_duplicates;
SELECT count(*)
  FROM pg_temp.roo_duplicates;
DROP TABLE IF EXISTS pg_temp.roo_candidates;
CREATE TEMPORARY TABLE roo_candidates AS SELECT 'create' AS roo_operation, c."key__id", c."email" AS "n_email", CAST(NULL AS text) AS "o_email", c."home_city" AS "n_home_city", CAST(NULL AS text) AS "o_home_city", c."ltv" AS "n_ltv", CAST(NULL AS double precision) AS "o_ltv", c."spent" AS "n_spent", CAST(NULL AS numeric(10,2)) AS "o_spent", c."seen" AS "n_seen", CAST(NULL AS timestamp with time zone) AS "o_seen", c."dob" AS "n_dob", CAST(NULL AS date) AS "o_dob", c."doc" AS "n_doc", CAST(NULL AS jsonb) AS "o_doc", c."tags" AS "n_tags", CAST(NULL AS text[]) AS "o_tags", c."source" AS "n_source", CAST(NULL AS text) AS "o_source", c."_group_vip" AS "n__group_vip", CAST(NULL AS boolean) AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", CAST(NULL AS text[]) AS "o__groups_segments", false AS roo_departed, false AS roo_dirty, false AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS text) AS roo_inherited, CAST(NULL AS text) AS roo_successors
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c;
ANALYZE pg_temp.roo_candidates;
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM "main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f;
SELECT CAST(c."key__id" AS text), count(*), count(*) OVER ()
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
DROP TABLE IF EXISTS "main_roo"."changes__people";
CREATE TABLE "main_roo"."changes__people" AS SELECT row_number() OVER () AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN d.identifier IS NOT NULL THEN 'failed' END AS roo_status, CASE WHEN d.identifier IS NOT NULL THEN 'duplicate_identifier' END AS roo_code, CASE WHEN d.identifier IS NOT NULL THEN 'record ' || d.roo_key || ' has the same identifier and the lower key, so it goes instead' END AS roo_message, coalesce(false, false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS text) AS roo_key
  FROM pg_temp.roo_candidates y) x
  LEFT JOIN pg_temp.roo_duplicates d ON x.roo_operation IN ('create', 'update') AND nullif(lower(trim(CAST(x."n_email" AS text))), '') = d.identifier AND x.roo_key <> d.roo_key
  WHERE NOT false) z ;
CREATE UNIQUE INDEX ON "main_roo"."changes__people" (roo_seq);
ANALYZE "main_roo"."changes__people" (roo_seq);
DROP TABLE IF EXISTS pg_temp.roo_candidates;
DROP TABLE IF EXISTS pg_temp.roo_duplicates;
DROP TABLE IF EXISTS pg_temp.roo_holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END)
  FROM "main_roo"."changes__people";
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM "main_roo"."changes__people"
  WHERE roo_seq <= 5;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_email" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_home_city" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_ltv" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_spent" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_seen" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_dob" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_doc" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_tags" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n_source" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n__group_vip" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("n__groups_segments" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END)
  FROM "main_roo"."changes__people"
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 5;
SELECT DISTINCT roo_inherited
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT unnest((coalesce("n__groups_segments", '{}') || coalesce("o__groups_segments", '{}'))) AS name
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM "main_roo"."changes__people"
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 5
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
INSERT INTO "main_roo"."roo_destinations" (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, now()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_destinations"
  WHERE destination = ?);
UPDATE "main_roo"."roo_destinations" SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE "main_roo"."roo_destinations" SET pending_run = ?, pending_shape = ?, updated_at = now()
  WHERE destination = ?;

-- sync 1: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"home_city":' || coalesce(CAST(to_json("n_home_city") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS text) ~ '[.e]' THEN CAST("n_ltv" AS text) ELSE CAST("n_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN '{}' END, CASE WHEN roo_operation IN ('update', 'depart') THEN CAST(array_to_json(array_remove(CAST(ARRAY[CASE WHEN (("n_email" IS NOT NULL) OR roo_dirty) THEN 'email' END, CASE WHEN (("n_home_city" IS NOT NULL) OR roo_dirty) THEN 'home_city' END, CASE WHEN (("n_ltv" IS NOT NULL) OR roo_dirty) THEN 'ltv' END, CASE WHEN (("n_spent" IS NOT NULL) OR roo_dirty) THEN 'spent' END, CASE WHEN (("n_seen" IS NOT NULL) OR roo_dirty) THEN 'seen' END, CASE WHEN (("n_dob" IS NOT NULL) OR roo_dirty) THEN 'dob' END, CASE WHEN (("n_doc" IS NOT NULL) OR roo_dirty) THEN 'doc' END, CASE WHEN (("n_tags" IS NOT NULL) OR roo_dirty) THEN 'tags' END, CASE WHEN (("n_source" IS NOT NULL) OR roo_dirty) THEN 'source' END, CASE WHEN (("n__group_vip" IS NOT NULL) OR roo_dirty) THEN '@group:VIP' END, CASE WHEN (("n__groups_segments" IS NOT NULL) OR roo_dirty) THEN '@groups:segments' END] AS text[]), NULL)) AS text) END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM "main_roo"."changes__people"
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO "main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO "main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 1: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
DROP TABLE IF EXISTS pg_temp.roo_answered;
CREATE TEMPORARY TABLE roo_answered AS SELECT DISTINCT *
  FROM (SELECT generate_series(first_seq, last_seq) AS roo_seq, status, code, message, permanent
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 1' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
ANALYZE pg_temp.roo_answered;
SELECT count(*)
  FROM pg_temp.roo_answered;
SELECT count(*)
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 1' AND status IN ('written', 'renamed', 'lost');
DROP TABLE IF EXISTS "main_roo"."rebuilt__people";
CREATE TABLE "main_roo"."rebuilt__people" AS SELECT CAST(c."key__id" AS bigint) AS "key__id", c."n_email" AS "email", c."n_home_city" AS "home_city", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR false)) AS roo_dirty, false AS roo_whole, now() AS roo_synced_at
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
ANALYZE "main_roo"."rebuilt__people";
UPDATE "main_roo"."rebuilt__people" AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE "main_roo"."rebuilt__people" AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
DROP TABLE IF EXISTS "main_roo"."snapshot__people";
ALTER TABLE "main_roo"."rebuilt__people" RENAME TO "snapshot__people";
INSERT INTO "main_roo"."roo_outcomes" SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, now()
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq;
INSERT INTO "main_roo"."roo_former_identifiers" (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, now()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS text) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS text) END AS went_to
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS text) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS text) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_former_identifiers" f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP TABLE IF EXISTS pg_temp.roo_failed;
CREATE TEMPORARY TABLE roo_failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, now()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"home_city":' || coalesce(CAST(to_json("n_home_city") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS text) ~ '[.e]' THEN CAST("n_ltv" AS text) ELSE CAST("n_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || '}') END) AS fingerprint
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN "main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
ANALYZE pg_temp.roo_failed;
DELETE
  FROM "main_roo"."roo_unaccepted" u
  WHERE u.destination = ? AND EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO "main_roo"."roo_unaccepted" SELECT ?, roo_key, operation, status, code, message, attempts, first_at, now(), permanent, fingerprint
  FROM pg_temp.roo_failed;
UPDATE "main_roo"."roo_destinations" SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = now()
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = ?;
DROP TABLE IF EXISTS "main_roo"."changes__people";
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
UPDATE "main_roo"."roo_runs" SET finished_at = now(), status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM "main_roo"."roo_outcomes"
  WHERE destination = ? AND time < now() - INTERVAL '2592000 seconds';
DELETE
  FROM "main_roo"."roo_runs"
  WHERE destination = ? AND started_at < now() - INTERVAL '2592000 seconds';
UPDATE "main_roo"."roo_locks" SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- sync 2: the lock
INSERT INTO "main_roo"."roo_locks" (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_locks"
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM "main_roo"."roo_locks"
  WHERE destination = ?;
UPDATE "main_roo"."roo_locks" SET run_id = ?, host = ?, pid = ?, taken_at = now(), heartbeat_at = now()
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < now() - INTERVAL '60 seconds');
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
UPDATE "main_roo"."roo_runs" SET status = 'error', finished_at = now(), message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO "main_roo"."roo_runs" (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, now(), 'running');

-- sync 2: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
DROP TABLE IF EXISTS pg_temp.roo_withheld;
CREATE TEMPORARY TABLE roo_withheld AS SELECT k1, min(test) AS test
  FROM (SELECT CAST(m."id" AS text) AS k1, 'not_null_city' AS test
  FROM "shop"."main"."customers" m
  WHERE EXISTS (SELECT 1
  FROM "shop"."main"."customers" f
  WHERE CAST(f."id" AS text) = CAST(m."id" AS text))) x
  GROUP BY k1;
ANALYZE pg_temp.roo_withheld;
SELECT CAST(o."key__id" AS text), EXISTS (SELECT 1
  FROM "main_roo"."snapshot__people" s
  WHERE CAST(o."key__id" AS text) = CAST(s."key__id" AS text)), w.test
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) o
  JOIN pg_temp.roo_withheld w ON CAST(o."key__id" AS text) = w.k1
  ORDER BY 1 LIMIT 5;
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c;
DROP TABLE IF EXISTS pg_temp.roo_duplicates;
CREATE TEMPORARY TABLE roo_duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS text) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS text))), '') AS identifier
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS text))), '') AS identifier
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
ANALYZE pg_temp.roo_duplicates;
SELECT count(*)
  FROM pg_temp.roo_duplicates;
DROP TABLE IF EXISTS pg_temp.roo_candidates;
CREATE TEMPORARY TABLE roo_candidates AS SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c."key__id", s."key__id") AS bigint) AS "key__id", c."email" AS "n_email", s."email" AS "o_email", c."home_city" AS "n_home_city", s."home_city" AS "o_home_city", c."ltv" AS "n_ltv", s."ltv" AS "o_ltv", c."spent" AS "n_spent", s."spent" AS "o_spent", c."seen" AS "n_seen", s."seen" AS "o_seen", c."dob" AS "n_dob", s."dob" AS "o_dob", c."doc" AS "n_doc", s."doc" AS "o_doc", c."tags" AS "n_tags", s."tags" AS "o_tags", c."source" AS "n_source", s."source" AS "o_source", c."_group_vip" AS "n__group_vip", s."_group_vip" AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", s."_groups_segments" AS "o__groups_segments", coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS text) AS roo_inherited, CAST(NULL AS text) AS roo_successors
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c
  LEFT JOIN "main_roo"."snapshot__people" s ON c."key__id" = s."key__id"
  WHERE s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT (c."email" IS NOT DISTINCT
  FROM s."email")) OR (NOT (c."home_city" IS NOT DISTINCT
  FROM s."home_city")) OR (NOT (c."ltv" IS NOT DISTINCT
  FROM s."ltv")) OR (NOT (c."spent" IS NOT DISTINCT
  FROM s."spent")) OR (NOT (c."seen" IS NOT DISTINCT
  FROM s."seen")) OR (NOT (c."dob" IS NOT DISTINCT
  FROM s."dob")) OR (NOT (c."doc" IS NOT DISTINCT
  FROM s."doc")) OR (NOT (c."tags" IS NOT DISTINCT
  FROM s."tags")) OR (NOT (c."source" IS NOT DISTINCT
  FROM s."source")) OR (NOT (c."_group_vip" IS NOT DISTINCT
  FROM s."_group_vip")) OR (NOT (c."_groups_segments" IS NOT DISTINCT
  FROM s."_groups_segments")) OR s.roo_synced_at < now() - INTERVAL '2592000 seconds'))
  UNION ALL SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c."key__id", s."key__id") AS bigint) AS "key__id", c."email" AS "n_email", s."email" AS "o_email", c."home_city" AS "n_home_city", s."home_city" AS "o_home_city", c."ltv" AS "n_ltv", s."ltv" AS "o_ltv", c."spent" AS "n_spent", s."spent" AS "o_spent", c."seen" AS "n_seen", s."seen" AS "o_seen", c."dob" AS "n_dob", s."dob" AS "o_dob", c."doc" AS "n_doc", s."doc" AS "o_doc", c."tags" AS "n_tags", s."tags" AS "o_tags", c."source" AS "n_source", s."source" AS "o_source", c."_group_vip" AS "n__group_vip", s."_group_vip" AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", s."_groups_segments" AS "o__groups_segments", coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS text) AS roo_inherited, CAST(NULL AS text) AS roo_successors
  FROM "main_roo"."snapshot__people" s CROSS
  JOIN (SELECT CAST(NULL AS bigint) AS "key__id", CAST(NULL AS text) AS "email", CAST(NULL AS text) AS "home_city", CAST(NULL AS double precision) AS "ltv", CAST(NULL AS numeric(10,2)) AS "spent", CAST(NULL AS timestamp with time zone) AS "seen", CAST(NULL AS date) AS "dob", CAST(NULL AS jsonb) AS "doc", CAST(NULL AS text[]) AS "tags", CAST(NULL AS text) AS "source", CAST(NULL AS boolean) AS "_group_vip", CAST(NULL AS text[]) AS "_groups_segments", CAST(NULL AS boolean) AS "roo_present") c
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c
  WHERE c."key__id" = s."key__id") AND (s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT (c."email" IS NOT DISTINCT
  FROM s."email")) OR (NOT (c."home_city" IS NOT DISTINCT
  FROM s."home_city")) OR (NOT (c."ltv" IS NOT DISTINCT
  FROM s."ltv")) OR (NOT (c."spent" IS NOT DISTINCT
  FROM s."spent")) OR (NOT (c."seen" IS NOT DISTINCT
  FROM s."seen")) OR (NOT (c."dob" IS NOT DISTINCT
  FROM s."dob")) OR (NOT (c."doc" IS NOT DISTINCT
  FROM s."doc")) OR (NOT (c."tags" IS NOT DISTINCT
  FROM s."tags")) OR (NOT (c."source" IS NOT DISTINCT
  FROM s."source")) OR (NOT (c."_group_vip" IS NOT DISTINCT
  FROM s."_group_vip")) OR (NOT (c."_groups_segments" IS NOT DISTINCT
  FROM s."_groups_segments")) OR s.roo_synced_at < now() - INTERVAL '2592000 seconds')));
ANALYZE pg_temp.roo_candidates;
SELECT count(*)
  FROM pg_temp.roo_candidates;
UPDATE pg_temp.roo_candidates AS x SET roo_moved = true
  WHERE x.roo_operation = 'update' AND nullif(lower(trim(CAST(x."n_email" AS text))), '') <> nullif(lower(trim(CAST(x."o_email" AS text))), '') AND true;
UPDATE pg_temp.roo_candidates AS x SET roo_claims = true
  WHERE (x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty) AND EXISTS (SELECT 1
  FROM "main_roo"."snapshot__people" s
  WHERE true AND nullif(lower(trim(CAST(s."email" AS text))), '') = coalesce(nullif(lower(trim(CAST(x."n_email" AS text))), ''), nullif(lower(trim(CAST(x."o_email" AS text))), '')) AND NOT (CAST(s."key__id" AS text) = CAST(x."key__id" AS text)));
SELECT count(*)
  FROM pg_temp.roo_candidates x
  WHERE x.roo_claims;
UPDATE pg_temp.roo_candidates AS x SET roo_inherited = h.found
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS text))), '') AS identifier, '[' || string_agg(('{"@group:VIP":' || coalesce(CAST(s."_group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json(s."_groups_segments") AS text), 'null') || '}'), ',') || ']' AS found
  FROM "main_roo"."snapshot__people" s
  WHERE (s."_group_vip" IS NOT NULL OR s."_groups_segments" IS NOT NULL) AND nullif(lower(trim(CAST(s."email" AS text))), '') IN (SELECT coalesce(nullif(lower(trim(CAST(x."n_email" AS text))), ''), nullif(lower(trim(CAST(x."o_email" AS text))), ''))
  FROM pg_temp.roo_candidates x
  WHERE x.roo_claims)
  GROUP BY 1) h
  WHERE x.roo_claims AND h.identifier = coalesce(nullif(lower(trim(CAST(x."n_email" AS text))), ''), nullif(lower(trim(CAST(x."o_email" AS text))), ''));
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM "main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f;
UPDATE pg_temp.roo_candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND x.roo_claims;
SELECT count(*)
  FROM pg_temp.roo_candidates x
  WHERE x.roo_moved;
UPDATE pg_temp.roo_candidates AS x SET roo_shared = true
  WHERE x.roo_moved AND EXISTS (SELECT 1
  FROM "main_roo"."snapshot__people" s
  WHERE NOT false AND nullif(lower(trim(CAST(s."email" AS text))), '') = nullif(lower(trim(CAST(x."o_email" AS text))), '') AND NOT (CAST(s."key__id" AS text) = CAST(x."key__id" AS text)));
UPDATE pg_temp.roo_candidates AS x SET roo_shared = true
  WHERE x.roo_moved AND x.roo_dirty AND EXISTS (SELECT 1
  FROM pg_temp.roo_candidates y
  WHERE (y.roo_operation = 'create' OR y.roo_moved OR (y.roo_departed AND y.roo_operation = 'update')) AND nullif(lower(trim(CAST(y."n_email" AS text))), '') = nullif(lower(trim(CAST(x."o_email" AS text))), '') AND NOT (CAST(x."key__id" AS text) = CAST(y."key__id" AS text)));
SELECT count(*)
  FROM pg_temp.roo_candidates x
  WHERE x.roo_shared;
UPDATE pg_temp.roo_candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM pg_temp.roo_candidates y
  WHERE y.roo_moved AND nullif(lower(trim(CAST(y."o_email" AS text))), '') = nullif(lower(trim(CAST(x."n_email" AS text))), ''));
UPDATE pg_temp.roo_candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM "main_roo"."roo_unaccepted" u
  WHERE u.destination = 'people' AND u.key = CAST(x."key__id" AS text) AND u.code = 'conflict');
UPDATE pg_temp.roo_candidates AS x SET "o__group_vip" = h."_group_vip", "o__groups_segments" = h."_groups_segments"
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS text))), '') AS identifier, bool_or(s."_group_vip") AS "_group_vip", max(s."_groups_segments") AS "_groups_segments"
  FROM "main_roo"."snapshot__people" s
  GROUP BY 1) h
  WHERE x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS text))), '');
SELECT count(CASE WHEN roo_departed IS NOT NULL THEN 1 END), count(CASE WHEN NOT roo_departed THEN 1 END)
  FROM "main_roo"."snapshot__people" s;
SELECT count(CASE WHEN roo_operation IN ('create') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') THEN 1 END)
  FROM pg_temp.roo_candidates;
SELECT CAST(c."key__id" AS text), count(*), count(*) OVER ()
  FROM (SELECT *
  FROM pg_temp.roo_candidates
  WHERE roo_operation = 'create') c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
SELECT count(*)
  FROM pg_temp.roo_candidates x
  WHERE x.roo_operation IN ('delete', 'depart');
DROP TABLE IF EXISTS pg_temp.roo_holders;
CREATE TEMPORARY TABLE roo_holders AS SELECT identifier, min(holder) AS holder, max(shared_1) AS shared_1, max(shared_2) AS shared_2
  FROM (SELECT r.identifier, r.holder, 1 AS shared_1, 1 AS shared_2
  FROM (SELECT nullif(lower(trim(CAST(c."email" AS text))), '') AS identifier, 'record ' || CAST(c."key__id" AS text) || ' still has the same identifier' AS holder
  FROM (SELECT "id" AS "key__id", "email" AS "email", CAST("city" AS text) AS "home_city", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c) r
  UNION ALL SELECT r.identifier, r.holder, 0 AS shared_1, 0 AS shared_2
  FROM (SELECT u.identifier, 'destination leads still has the same identifier' AS holder
  FROM (SELECT CAST("email" AS text) AS identifier
  FROM "shop"."main"."customers"
  WHERE CAST("email" AS text) IS NULL) u) r) o
  WHERE identifier IN (SELECT nullif(lower(trim(CAST(x."o_email" AS text))), '') AS identifier
  FROM pg_temp.roo_candidates x
  WHERE x.roo_operation IN ('delete', 'depart'))
  GROUP BY identifier;
ANALYZE pg_temp.roo_holders;
UPDATE pg_temp.roo_candidates AS x SET "n_email" = x."o_email", "n_home_city" = x."o_home_city", "n_ltv" = x."o_ltv", "n_spent" = x."o_spent", "n_seen" = x."o_seen", "n_dob" = x."o_dob", "n_doc" = x."o_doc", "n_tags" = x."o_tags", "n_source" = x."o_source", "n__group_vip" = CASE WHEN h.shared_1 = 1 THEN x."o__group_vip" END, "n__groups_segments" = CASE WHEN h.shared_2 = 1 THEN x."o__groups_segments" END, roo_operation = 'depart'
  FROM pg_temp.roo_holders h
  WHERE x.roo_operation IN ('delete', 'depart') AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0)) AND nullif(lower(trim(CAST(x."o_email" AS text))), '') = h.identifier;
DROP TABLE IF EXISTS "main_roo"."changes__people";
CREATE TABLE "main_roo"."changes__people" AS SELECT row_number() OVER (ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create') AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'skipped' WHEN u.status = 'skipped' THEN 'skipped' WHEN u.status = 'unknown' THEN 'unknown' END AS roo_status, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'conflict' WHEN u.status = 'skipped' THEN 'absent' WHEN u.status = 'unknown' THEN 'ambiguous' END AS roo_code, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))) THEN 'not removed: ' || h.holder WHEN u.status = 'skipped' THEN u.message WHEN u.status = 'unknown' THEN u.message END AS roo_message, coalesce((u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR false)), false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS text) AS roo_key
  FROM pg_temp.roo_candidates y) x
  LEFT JOIN pg_temp.roo_holders h ON x.roo_operation IN ('delete', 'depart') AND nullif(lower(trim(CAST(x."o_email" AS text))), '') = h.identifier
  LEFT JOIN "main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = x.roo_key AND u.permanent AND u.operation = CASE WHEN x.roo_operation = 'depart' THEN 'update' ELSE x.roo_operation END AND (u.status = 'unknown' OR u.fingerprint = md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"home_city":' || coalesce(CAST(to_json("n_home_city") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS text) ~ '[.e]' THEN CAST("n_ltv" AS text) ELSE CAST("n_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || '}') END)) AND (u.status <> 'skipped' OR u.last_at > now() - INTERVAL '604800 seconds')
  WHERE NOT (x.roo_operation IN ('delete', 'depart') AND x.roo_departed AND h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x."o__group_vip" IS NOT NULL AND h.shared_1 = 0) OR (x."o__groups_segments" IS NOT NULL AND h.shared_2 = 0))))) z
  ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create';
CREATE UNIQUE INDEX ON "main_roo"."changes__people" (roo_seq);
ANALYZE "main_roo"."changes__people" (roo_seq);
DROP TABLE IF EXISTS pg_temp.roo_candidates;
DROP TABLE IF EXISTS pg_temp.roo_duplicates;
DROP TABLE IF EXISTS pg_temp.roo_holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END)
  FROM "main_roo"."changes__people";
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM "main_roo"."changes__people"
  WHERE roo_seq <= 6;
SELECT count(*)
  FROM "main_roo"."changes__people"
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__group_vip" IS NOT NULL AND "n__group_vip" IS NULL;
SELECT name, count(*)
  FROM (SELECT unnest(ARRAY(SELECT e
  FROM unnest("o__groups_segments") e
  WHERE NOT e = ANY(coalesce("n__groups_segments", '{}')))) AS name
  FROM "main_roo"."changes__people"
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__groups_segments" IS NOT NULL) e
  GROUP BY name;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_email" IS NOT DISTINCT
  FROM "o_email")) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_home_city" IS NOT DISTINCT
  FROM "o_home_city")) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_ltv" IS NOT DISTINCT
  FROM "o_ltv")) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_spent" IS NOT DISTINCT
  FROM "o_spent")) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_seen" IS NOT DISTINCT
  FROM "o_seen")) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_dob" IS NOT DISTINCT
  FROM "o_dob")) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_doc" IS NOT DISTINCT
  FROM "o_doc")) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_tags" IS NOT DISTINCT
  FROM "o_tags")) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_source" IS NOT DISTINCT
  FROM "o_source")) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n__group_vip" IS NOT DISTINCT
  FROM "o__group_vip")) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n__groups_segments" IS NOT DISTINCT
  FROM "o__groups_segments")) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END)
  FROM "main_roo"."changes__people"
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 6;
SELECT DISTINCT roo_inherited
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT unnest((coalesce("n__groups_segments", '{}') || coalesce("o__groups_segments", '{}'))) AS name
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM "main_roo"."changes__people"
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 6
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
SELECT 'held', u.code, count(*), min(u.message)
  FROM "main_roo"."changes__people" c
  JOIN "main_roo"."roo_unaccepted" u ON u.key = c.roo_key AND u.destination = ?
  WHERE c.roo_held
  GROUP BY u.code
  ORDER BY count(*) DESC, 2 LIMIT 20;
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
INSERT INTO "main_roo"."roo_destinations" (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, now()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_destinations"
  WHERE destination = ?);
UPDATE "main_roo"."roo_destinations" SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE "main_roo"."roo_destinations" SET pending_run = ?, pending_shape = ?, updated_at = now()
  WHERE destination = ?;
SELECT count(*)
  FROM "main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= 6;
SELECT count(*)
  FROM "main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 6;
UPDATE "main_roo"."snapshot__people" AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 6 AND nullif(lower(trim(CAST(s."email" AS text))), '') = nullif(lower(trim(CAST(x."n_email" AS text))), '') AND NOT (CAST(s."key__id" AS text) = CAST(x."key__id" AS text)));

-- sync 2: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"home_city":' || coalesce(CAST(to_json("n_home_city") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS text) ~ '[.e]' THEN CAST("n_ltv" AS text) ELSE CAST("n_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN ('{"email":' || coalesce(CAST(to_json("o_email") AS text), 'null') || ',"home_city":' || coalesce(CAST(to_json("o_home_city") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("o_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS text) ~ '[.e]' THEN CAST("o_ltv" AS text) ELSE CAST("o_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("o_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("o_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("o_spent") AS text), '.') > 0 THEN CAST(trim_scale("o_spent") AS text) ELSE CAST(trim_scale("o_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("o_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "o_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "o_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("o_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("o_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "o_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("o_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("o_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("o_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("o_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("o_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("o__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("o__groups_segments") AS text), 'null') || '}') END, CASE WHEN roo_operation IN ('update', 'depart') THEN CAST(array_to_json(array_remove(CAST(ARRAY[CASE WHEN ((NOT ("n_email" IS NOT DISTINCT
  FROM "o_email")) OR roo_dirty) THEN 'email' END, CASE WHEN ((NOT ("n_home_city" IS NOT DISTINCT
  FROM "o_home_city")) OR roo_dirty) THEN 'home_city' END, CASE WHEN ((NOT ("n_ltv" IS NOT DISTINCT
  FROM "o_ltv")) OR roo_dirty) THEN 'ltv' END, CASE WHEN ((NOT ("n_spent" IS NOT DISTINCT
  FROM "o_spent")) OR roo_dirty) THEN 'spent' END, CASE WHEN ((NOT ("n_seen" IS NOT DISTINCT
  FROM "o_seen")) OR roo_dirty) THEN 'seen' END, CASE WHEN ((NOT ("n_dob" IS NOT DISTINCT
  FROM "o_dob")) OR roo_dirty) THEN 'dob' END, CASE WHEN ((NOT ("n_doc" IS NOT DISTINCT
  FROM "o_doc")) OR roo_dirty) THEN 'doc' END, CASE WHEN ((NOT ("n_tags" IS NOT DISTINCT
  FROM "o_tags")) OR roo_dirty) THEN 'tags' END, CASE WHEN ((NOT ("n_source" IS NOT DISTINCT
  FROM "o_source")) OR roo_dirty) THEN 'source' END, CASE WHEN ((NOT ("n__group_vip" IS NOT DISTINCT
  FROM "o__group_vip")) OR roo_dirty) THEN '@group:VIP' END, CASE WHEN ((NOT ("n__groups_segments" IS NOT DISTINCT
  FROM "o__groups_segments")) OR roo_dirty) THEN '@groups:segments' END] AS text[]), NULL)) AS text) END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM "main_roo"."changes__people"
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO "main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO "main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO "main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 2: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
DROP TABLE IF EXISTS pg_temp.roo_answered;
CREATE TEMPORARY TABLE roo_answered AS SELECT DISTINCT *
  FROM (SELECT generate_series(first_seq, last_seq) AS roo_seq, status, code, message, permanent
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 2' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
ANALYZE pg_temp.roo_answered;
SELECT count(*)
  FROM pg_temp.roo_answered;
SELECT count(*)
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 2' AND status IN ('written', 'renamed', 'lost');
DROP TABLE IF EXISTS pg_temp.roo_traced;
CREATE TEMPORARY TABLE roo_traced AS SELECT t.roo_seq, min(CASE WHEN t.status = 'renamed' THEN 0 ELSE 1 END) = 0 AS renamed, max(CASE WHEN t.status IN ('lost', 'leaving') THEN 1 ELSE 0 END) = 1 AS lost, max(CASE WHEN t.status IN ('written', 'renamed') THEN 1 ELSE 0 END) = 1 AS partly
  FROM (SELECT generate_series(first_seq, last_seq) AS roo_seq, status, code, message, permanent
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 2' AND status IN ('written', 'renamed', 'lost')) t
  JOIN "main_roo"."changes__people" c ON c.roo_seq = t.roo_seq
  WHERE c.roo_status IS NULL AND NOT EXISTS (SELECT 1
  FROM pg_temp.roo_answered a
  WHERE a.roo_seq = t.roo_seq AND (a.status = 'accepted' OR t.status = 'leaving'))
  GROUP BY t.roo_seq;
ANALYZE pg_temp.roo_traced;
SELECT count(*)
  FROM pg_temp.roo_traced;
DELETE
  FROM "main_roo"."snapshot__people" s
  WHERE EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE x."key__id" = s."key__id");
INSERT INTO "main_roo"."snapshot__people" ("key__id", "email", "home_city", "ltv", "spent", "seen", "dob", "doc", "tags", "source", "_group_vip", "_groups_segments", roo_departed, roo_dirty, roo_whole, roo_synced_at) SELECT c."key__id", c."n_email", c."n_home_city", c."n_ltv", c."n_spent", c."n_seen", c."n_dob", c."n_doc", c."n_tags", c."n_source", c."n__group_vip", c."n__groups_segments", c.roo_operation IN ('depart', 'delete'), (c.roo_operation = 'depart' AND (c.roo_dirty OR false)), false, now()
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
UPDATE "main_roo"."snapshot__people" AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE "main_roo"."snapshot__people" AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
UPDATE "main_roo"."snapshot__people" AS s SET roo_departed = CASE WHEN c.roo_operation = 'update' THEN false ELSE s.roo_departed END, roo_dirty = s.roo_departed IS NOT NULL, roo_whole = true, "email" = CASE WHEN c.roo_renamed THEN c."n_email" WHEN s.roo_departed IS NULL THEN coalesce(c."n_email", s."email") ELSE s."email" END, "home_city" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_home_city", s."home_city") ELSE s."home_city" END, "ltv" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_ltv", s."ltv") ELSE s."ltv" END, "spent" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_spent", s."spent") ELSE s."spent" END, "seen" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_seen", s."seen") ELSE s."seen" END, "dob" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_dob", s."dob") ELSE s."dob" END, "doc" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_doc", s."doc") ELSE s."doc" END, "tags" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_tags", s."tags") ELSE s."tags" END, "source" = CASE WHEN s.roo_departed IS NULL THEN coalesce(c."n_source", s."source") ELSE s."source" END, "_group_vip" = CASE WHEN NOT c.roo_lost THEN coalesce(s."_group_vip", c."n__group_vip") ELSE CASE WHEN (s."_group_vip" IS NOT DISTINCT
  FROM c."n__group_vip") THEN s."_group_vip" ELSE false END END, "_groups_segments" = (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST((coalesce(s."_groups_segments", '{}') || coalesce(c."n__groups_segments", '{}')) AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '')
  FROM (SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_traced t ON t.roo_seq = c.roo_seq) c
  WHERE CAST(c."key__id" AS text) = CAST(s."key__id" AS text) AND (c.roo_operation <> 'create' OR s.roo_departed IS NULL);
INSERT INTO "main_roo"."snapshot__people" ("key__id", "email", "home_city", "ltv", "spent", "seen", "dob", "doc", "tags", "source", "_group_vip", "_groups_segments", roo_departed, roo_dirty, roo_whole, roo_synced_at) SELECT CAST(c."key__id" AS bigint), c."n_email", c."n_home_city", c."n_ltv", c."n_spent", c."n_seen", c."n_dob", c."n_doc", c."n_tags", c."n_source", CASE WHEN c.roo_lost THEN NOT c."n__group_vip" ELSE c."n__group_vip" END, c."n__groups_segments", CASE WHEN c.roo_partly THEN false END, false, true, now()
  FROM (SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_traced t ON t.roo_seq = c.roo_seq) c
  WHERE c.roo_operation = 'create' AND NOT EXISTS (SELECT 1
  FROM "main_roo"."snapshot__people" s
  WHERE CAST(c."key__id" AS text) = CAST(s."key__id" AS text));
INSERT INTO "main_roo"."roo_former_identifiers" (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, now()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS text) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS text) END AS went_to
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_traced t ON t.roo_seq = c.roo_seq
  WHERE t.renamed AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS text) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS text) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_former_identifiers" f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
INSERT INTO "main_roo"."roo_outcomes" SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, now()
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq;
INSERT INTO "main_roo"."roo_former_identifiers" (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, now()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS text) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS text) END AS went_to
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS text) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS text) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_former_identifiers" f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP TABLE IF EXISTS pg_temp.roo_failed;
CREATE TEMPORARY TABLE roo_failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, now()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"home_city":' || coalesce(CAST(to_json("n_home_city") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("n_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("n_ltv" AS text) ~ '[.e]' THEN CAST("n_ltv" AS text) ELSE CAST("n_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || '}') END) AS fingerprint
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN "main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
ANALYZE pg_temp.roo_failed;
DELETE
  FROM "main_roo"."roo_unaccepted" u
  WHERE u.destination = ? AND EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO "main_roo"."roo_unaccepted" SELECT ?, roo_key, operation, status, code, message, attempts, first_at, now(), permanent, fingerprint
  FROM pg_temp.roo_failed;
UPDATE "main_roo"."roo_destinations" SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = now()
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = ?;
DROP TABLE IF EXISTS "main_roo"."changes__people";
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
UPDATE "main_roo"."roo_runs" SET finished_at = now(), status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM "main_roo"."roo_outcomes"
  WHERE destination = ? AND time < now() - INTERVAL '2592000 seconds';
DELETE
  FROM "main_roo"."roo_runs"
  WHERE destination = ? AND started_at < now() - INTERVAL '2592000 seconds';
UPDATE "main_roo"."roo_locks" SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- sync 3: the lock
INSERT INTO "main_roo"."roo_locks" (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_locks"
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM "main_roo"."roo_locks"
  WHERE destination = ?;
UPDATE "main_roo"."roo_locks" SET run_id = ?, host = ?, pid = ?, taken_at = now(), heartbeat_at = now()
  WHERE destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < now() - INTERVAL '60 seconds');
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
UPDATE "main_roo"."roo_runs" SET status = 'error', finished_at = now(), message = 'interrupted; what it had confirmed was folded in by the next run'
  WHERE destination = ? AND run_id <> ? AND status = 'running';
INSERT INTO "main_roo"."roo_runs" (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, now(), 'running');

-- sync 3: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
SELECT count(*), count(CASE WHEN c."key__id" IS NULL THEN 1 END)
  FROM (SELECT "id" AS "key__id", "email" AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c;
DROP TABLE IF EXISTS pg_temp.roo_duplicates;
CREATE TEMPORARY TABLE roo_duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c."key__id" AS text) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c."key__id") AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS text))), '') AS identifier
  FROM (SELECT "id" AS "key__id", "email" AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r."email" AS text))), '') AS identifier
  FROM (SELECT "id" AS "key__id", "email" AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
ANALYZE pg_temp.roo_duplicates;
SELECT count(*)
  FROM pg_temp.roo_duplicates;
DROP TABLE IF EXISTS pg_temp.roo_candidates;
CREATE TEMPORARY TABLE roo_candidates AS SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c."key__id", s."key__id") AS bigint) AS "key__id", c."email" AS "n_email", s."email" AS "o_email", c."ltv" AS "n_ltv", s."ltv" AS "o_ltv", c."spent" AS "n_spent", s."spent" AS "o_spent", c."seen" AS "n_seen", s."seen" AS "o_seen", c."dob" AS "n_dob", s."dob" AS "o_dob", c."doc" AS "n_doc", s."doc" AS "o_doc", c."tags" AS "n_tags", s."tags" AS "o_tags", c."source" AS "n_source", s."source" AS "o_source", c."_group_vip" AS "n__group_vip", s."_group_vip" AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", s."_groups_segments" AS "o__groups_segments", CAST(NULL AS text) AS "n_home_city", s."home_city" AS "o_home_city", coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS text) AS roo_inherited, CAST(NULL AS text) AS roo_successors
  FROM (SELECT "id" AS "key__id", "email" AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c
  LEFT JOIN "main_roo"."snapshot__people" s ON c."key__id" = s."key__id"
  WHERE s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT (c."email" IS NOT DISTINCT
  FROM s."email")) OR (NOT ((c."ltv" IS NOT DISTINCT
  FROM pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) AND (CAST(CASE WHEN abs(c."ltv") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale(c."ltv") AS text), '.') > 0 THEN CAST(trim_scale(c."ltv") AS text) ELSE CAST(trim_scale(c."ltv") AS text) || '.0' END ELSE '"\u0000roo:' || CAST(c."ltv" AS text) || '"' END AS text) IS NOT DISTINCT
  FROM CAST(CASE WHEN CAST(s."ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS text) ~ '[.e]' THEN CAST(s."ltv" AS text) ELSE CAST(s."ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST(s."ltv" AS text) || '"' END AS text)))) OR (NOT (c."spent" IS NOT DISTINCT
  FROM s."spent")) OR (NOT (c."seen" IS NOT DISTINCT
  FROM s."seen")) OR (NOT (c."dob" IS NOT DISTINCT
  FROM s."dob")) OR (NOT (c."doc" IS NOT DISTINCT
  FROM s."doc")) OR (NOT (c."tags" IS NOT DISTINCT
  FROM s."tags")) OR (NOT (c."source" IS NOT DISTINCT
  FROM s."source")) OR (NOT (c."_group_vip" IS NOT DISTINCT
  FROM s."_group_vip")) OR (NOT (c."_groups_segments" IS NOT DISTINCT
  FROM s."_groups_segments")) OR (s."home_city" IS NOT NULL) OR s.roo_synced_at < now() - INTERVAL '2592000 seconds'))
  UNION ALL SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c."key__id", s."key__id") AS bigint) AS "key__id", c."email" AS "n_email", s."email" AS "o_email", c."ltv" AS "n_ltv", s."ltv" AS "o_ltv", c."spent" AS "n_spent", s."spent" AS "o_spent", c."seen" AS "n_seen", s."seen" AS "o_seen", c."dob" AS "n_dob", s."dob" AS "o_dob", c."doc" AS "n_doc", s."doc" AS "o_doc", c."tags" AS "n_tags", s."tags" AS "o_tags", c."source" AS "n_source", s."source" AS "o_source", c."_group_vip" AS "n__group_vip", s."_group_vip" AS "o__group_vip", c."_groups_segments" AS "n__groups_segments", s."_groups_segments" AS "o__groups_segments", CAST(NULL AS text) AS "n_home_city", s."home_city" AS "o_home_city", coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS text) AS roo_inherited, CAST(NULL AS text) AS roo_successors
  FROM "main_roo"."snapshot__people" s CROSS
  JOIN (SELECT CAST(NULL AS bigint) AS "key__id", CAST(NULL AS text) AS "email", CAST(NULL AS numeric(12,4)) AS "ltv", CAST(NULL AS numeric(10,2)) AS "spent", CAST(NULL AS timestamp with time zone) AS "seen", CAST(NULL AS date) AS "dob", CAST(NULL AS jsonb) AS "doc", CAST(NULL AS text[]) AS "tags", CAST(NULL AS text) AS "source", CAST(NULL AS boolean) AS "_group_vip", CAST(NULL AS text[]) AS "_groups_segments", CAST(NULL AS boolean) AS "roo_present") c
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT "id" AS "key__id", "email" AS "email", "ltv" AS "ltv", "spent" AS "spent", "seen_at" AS "seen", "born" AS "dob", "doc" AS "doc", CASE WHEN "segments" IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest("segments") e
  WHERE e IS NOT NULL), '{}') END AS "tags", CAST('warehouse' AS text) AS "source", CASE WHEN "vip" THEN true END AS "_group_vip", (SELECT array_agg(DISTINCT e
  ORDER BY e)
  FROM unnest(CAST("segments" AS text[])) e
  WHERE e IS NOT NULL AND trim(e) <> '') AS "_groups_segments", true AS roo_present
  FROM "shop"."main"."customers"
  WHERE ((1 = 1
))) c
  WHERE c."key__id" = s."key__id") AND (s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT (c."email" IS NOT DISTINCT
  FROM s."email")) OR (NOT ((c."ltv" IS NOT DISTINCT
  FROM pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) AND (CAST(CASE WHEN abs(c."ltv") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale(c."ltv") AS text), '.') > 0 THEN CAST(trim_scale(c."ltv") AS text) ELSE CAST(trim_scale(c."ltv") AS text) || '.0' END ELSE '"\u0000roo:' || CAST(c."ltv" AS text) || '"' END AS text) IS NOT DISTINCT
  FROM CAST(CASE WHEN CAST(s."ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS text) ~ '[.e]' THEN CAST(s."ltv" AS text) ELSE CAST(s."ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST(s."ltv" AS text) || '"' END AS text)))) OR (NOT (c."spent" IS NOT DISTINCT
  FROM s."spent")) OR (NOT (c."seen" IS NOT DISTINCT
  FROM s."seen")) OR (NOT (c."dob" IS NOT DISTINCT
  FROM s."dob")) OR (NOT (c."doc" IS NOT DISTINCT
  FROM s."doc")) OR (NOT (c."tags" IS NOT DISTINCT
  FROM s."tags")) OR (NOT (c."source" IS NOT DISTINCT
  FROM s."source")) OR (NOT (c."_group_vip" IS NOT DISTINCT
  FROM s."_group_vip")) OR (NOT (c."_groups_segments" IS NOT DISTINCT
  FROM s."_groups_segments")) OR (s."home_city" IS NOT NULL) OR s.roo_synced_at < now() - INTERVAL '2592000 seconds')));
ANALYZE pg_temp.roo_candidates;
SELECT count(*)
  FROM pg_temp.roo_candidates;
UPDATE pg_temp.roo_candidates AS x SET roo_moved = true
  WHERE x.roo_operation = 'update' AND nullif(lower(trim(CAST(x."n_email" AS text))), '') <> nullif(lower(trim(CAST(x."o_email" AS text))), '') AND true;
UPDATE pg_temp.roo_candidates AS x SET roo_claims = true
  WHERE (x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty) AND EXISTS (SELECT 1
  FROM "main_roo"."snapshot__people" s
  WHERE true AND nullif(lower(trim(CAST(s."email" AS text))), '') = coalesce(nullif(lower(trim(CAST(x."n_email" AS text))), ''), nullif(lower(trim(CAST(x."o_email" AS text))), '')) AND NOT (CAST(s."key__id" AS text) = CAST(x."key__id" AS text)));
SELECT count(*)
  FROM pg_temp.roo_candidates x
  WHERE x.roo_claims;
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM "main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f;
UPDATE pg_temp.roo_candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND EXISTS (SELECT 1
  FROM (SELECT identifier, went_to
  FROM "main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE nullif(lower(trim(CAST(f.identifier AS text))), '') = nullif(lower(trim(CAST(x."n_email" AS text))), ''));
UPDATE pg_temp.roo_candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM (SELECT identifier, went_to
  FROM "main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE nullif(lower(trim(CAST(f.identifier AS text))), '') = nullif(lower(trim(CAST(x."n_email" AS text))), ''));
UPDATE pg_temp.roo_candidates AS x SET roo_dirty = true
  WHERE (x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND x.roo_claims;
SELECT count(*)
  FROM pg_temp.roo_candidates x
  WHERE x.roo_moved;
UPDATE pg_temp.roo_candidates AS x SET roo_successors = h.found
  FROM (SELECT identifier, '[' || string_agg(CAST(array_to_json(array_remove(CAST(ARRAY[p.went_to] AS text[]), NULL)) AS text), ',') || ']' AS found
  FROM (SELECT DISTINCT nullif(lower(trim(CAST(f.identifier AS text))), '') AS identifier, f.went_to
  FROM (SELECT identifier, went_to
  FROM "main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE f.went_to IN (SELECT identifier
  FROM (SELECT identifier, went_to
  FROM "main_roo"."roo_former_identifiers"
  WHERE app = 'iterable' AND fields = '["email"]') b)) p
  GROUP BY identifier) h
  WHERE x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS text))), '');
UPDATE pg_temp.roo_candidates AS x SET roo_vacated = true
  WHERE ((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM "main_roo"."roo_unaccepted" u
  WHERE u.destination = 'people' AND u.key = CAST(x."key__id" AS text) AND u.code = 'conflict');
UPDATE pg_temp.roo_candidates AS x SET "o__group_vip" = h."_group_vip", "o__groups_segments" = h."_groups_segments"
  FROM (SELECT nullif(lower(trim(CAST(s."email" AS text))), '') AS identifier, bool_or(s."_group_vip") AS "_group_vip", max(s."_groups_segments") AS "_groups_segments"
  FROM "main_roo"."snapshot__people" s
  GROUP BY 1) h
  WHERE x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x."n_email" AS text))), '');
SELECT count(CASE WHEN roo_departed IS NOT NULL THEN 1 END), count(CASE WHEN NOT roo_departed THEN 1 END)
  FROM "main_roo"."snapshot__people" s;
SELECT count(CASE WHEN roo_operation IN ('create') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') THEN 1 END)
  FROM pg_temp.roo_candidates;
SELECT CAST(c."key__id" AS text), count(*), count(*) OVER ()
  FROM (SELECT *
  FROM pg_temp.roo_candidates
  WHERE roo_operation = 'create') c
  GROUP BY c."key__id" HAVING count(*) > 1
  ORDER BY c."key__id" LIMIT 5;
SELECT count(*)
  FROM pg_temp.roo_candidates x
  WHERE x.roo_operation IN ('delete', 'depart');
DROP TABLE IF EXISTS "main_roo"."changes__people";
CREATE TABLE "main_roo"."changes__people" AS SELECT row_number() OVER (ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create') AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN u.status = 'skipped' THEN 'skipped' WHEN u.status = 'unknown' THEN 'unknown' END AS roo_status, CASE WHEN u.status = 'skipped' THEN 'absent' WHEN u.status = 'unknown' THEN 'ambiguous' END AS roo_code, CASE WHEN u.status = 'skipped' THEN u.message WHEN u.status = 'unknown' THEN u.message END AS roo_message, coalesce((u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR false)), false) AS roo_held
  FROM (SELECT y.*, CAST(y."key__id" AS text) AS roo_key
  FROM pg_temp.roo_candidates y) x
  LEFT JOIN "main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = x.roo_key AND u.permanent AND u.operation = CASE WHEN x.roo_operation = 'depart' THEN 'update' ELSE x.roo_operation END AND (u.status = 'unknown' OR u.fingerprint = md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN abs("n_ltv") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_ltv") AS text), '.') > 0 THEN CAST(trim_scale("n_ltv") AS text) ELSE CAST(trim_scale("n_ltv") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || '}') END)) AND (u.status <> 'skipped' OR u.last_at > now() - INTERVAL '604800 seconds')
  WHERE NOT false) z
  ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create';
CREATE UNIQUE INDEX ON "main_roo"."changes__people" (roo_seq);
ANALYZE "main_roo"."changes__people" (roo_seq);
DROP TABLE IF EXISTS pg_temp.roo_candidates;
DROP TABLE IF EXISTS pg_temp.roo_duplicates;
DROP TABLE IF EXISTS pg_temp.roo_holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END), count(CASE WHEN roo_operation = 'update' AND NOT roo_held AND "o_home_city" IS NOT NULL THEN 1 END)
  FROM "main_roo"."changes__people";
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM "main_roo"."changes__people"
  WHERE roo_seq <= 4;
SELECT count(*)
  FROM "main_roo"."changes__people"
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__group_vip" IS NOT NULL AND "n__group_vip" IS NULL;
SELECT name, count(*)
  FROM (SELECT unnest(ARRAY(SELECT e
  FROM unnest("o__groups_segments") e
  WHERE NOT e = ANY(coalesce("n__groups_segments", '{}')))) AS name
  FROM "main_roo"."changes__people"
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND "o__groups_segments" IS NOT NULL) e
  GROUP BY name;
SELECT count(CASE WHEN (roo_operation = 'create' AND "n_email" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_email" IS NOT DISTINCT
  FROM "o_email")) OR roo_dirty) OR (roo_whole AND "n_email" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_ltv" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (("n_ltv" IS NOT DISTINCT
  FROM pg_temp.roo_try_cast(CAST("o_ltv" AS text), CAST(NULL AS numeric(12,4)))) AND (CAST(CASE WHEN abs("n_ltv") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_ltv") AS text), '.') > 0 THEN CAST(trim_scale("n_ltv") AS text) ELSE CAST(trim_scale("n_ltv") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END AS text) IS NOT DISTINCT
  FROM CAST(CASE WHEN CAST("o_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS text) ~ '[.e]' THEN CAST("o_ltv" AS text) ELSE CAST("o_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("o_ltv" AS text) || '"' END AS text)))) OR roo_dirty) OR (roo_whole AND "n_ltv" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_spent" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_spent" IS NOT DISTINCT
  FROM "o_spent")) OR roo_dirty) OR (roo_whole AND "n_spent" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_seen" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_seen" IS NOT DISTINCT
  FROM "o_seen")) OR roo_dirty) OR (roo_whole AND "n_seen" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_dob" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_dob" IS NOT DISTINCT
  FROM "o_dob")) OR roo_dirty) OR (roo_whole AND "n_dob" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_doc" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_doc" IS NOT DISTINCT
  FROM "o_doc")) OR roo_dirty) OR (roo_whole AND "n_doc" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_tags" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_tags" IS NOT DISTINCT
  FROM "o_tags")) OR roo_dirty) OR (roo_whole AND "n_tags" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_source" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n_source" IS NOT DISTINCT
  FROM "o_source")) OR roo_dirty) OR (roo_whole AND "n_source" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__group_vip" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n__group_vip" IS NOT DISTINCT
  FROM "o__group_vip")) OR roo_dirty) OR (roo_whole AND "n__group_vip" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n__groups_segments" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ("n__groups_segments" IS NOT DISTINCT
  FROM "o__groups_segments")) OR roo_dirty) OR (roo_whole AND "n__groups_segments" IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND "n_home_city" IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND ((("o_home_city" IS NOT NULL) OR roo_dirty) OR (roo_whole AND "n_home_city" IS NOT NULL))) THEN 1 END)
  FROM "main_roo"."changes__people"
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 4;
SELECT DISTINCT roo_inherited
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND ("n__group_vip" IS NOT NULL OR "o__group_vip" IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT unnest((coalesce("n__groups_segments", '{}') || coalesce("o__groups_segments", '{}'))) AS name
  FROM "main_roo"."changes__people"
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND ("n__groups_segments" IS NOT NULL OR "o__groups_segments" IS NOT NULL)) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM "main_roo"."changes__people"
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 4
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
SELECT 'held', u.code, count(*), min(u.message)
  FROM "main_roo"."changes__people" c
  JOIN "main_roo"."roo_unaccepted" u ON u.key = c.roo_key AND u.destination = ?
  WHERE c.roo_held
  GROUP BY u.code
  ORDER BY count(*) DESC, 2 LIMIT 20;
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
UPDATE "main_roo"."snapshot__people" SET roo_whole = true
  WHERE NOT roo_departed;
INSERT INTO "main_roo"."roo_destinations" (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, now()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_destinations"
  WHERE destination = ?);
UPDATE "main_roo"."roo_destinations" SET unique_id = ?, app = ?, object = ?, endpoint = ?, workspace = ?, key_columns = ?, identifier = ?
  WHERE destination = ?;
UPDATE "main_roo"."roo_destinations" SET pending_run = ?, pending_shape = ?, updated_at = now()
  WHERE destination = ?;
SELECT count(*)
  FROM "main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= 4;
SELECT count(*)
  FROM "main_roo"."changes__people" x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 4;

-- sync 3: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN abs("n_ltv") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_ltv") AS text), '.') > 0 THEN CAST(trim_scale("n_ltv") AS text) ELSE CAST(trim_scale("n_ltv") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || ',"home_city":' || coalesce(CAST(to_json("n_home_city") AS text), 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN ('{"email":' || coalesce(CAST(to_json("o_email") AS text), 'null') || ',"home_city":' || coalesce(CAST(to_json("o_home_city") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN CAST("o_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS text) ~ '[.e]' THEN CAST("o_ltv" AS text) ELSE CAST("o_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("o_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("o_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("o_spent") AS text), '.') > 0 THEN CAST(trim_scale("o_spent") AS text) ELSE CAST(trim_scale("o_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("o_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "o_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "o_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("o_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("o_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "o_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("o_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("o_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("o_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("o_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("o_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("o__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("o__groups_segments") AS text), 'null') || '}') END, CASE WHEN roo_operation IN ('update', 'depart') THEN CAST(array_to_json(array_remove(CAST(ARRAY[CASE WHEN ((NOT ("n_email" IS NOT DISTINCT
  FROM "o_email")) OR roo_dirty) THEN 'email' END, CASE WHEN ((NOT (("n_ltv" IS NOT DISTINCT
  FROM pg_temp.roo_try_cast(CAST("o_ltv" AS text), CAST(NULL AS numeric(12,4)))) AND (CAST(CASE WHEN abs("n_ltv") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_ltv") AS text), '.') > 0 THEN CAST(trim_scale("n_ltv") AS text) ELSE CAST(trim_scale("n_ltv") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END AS text) IS NOT DISTINCT
  FROM CAST(CASE WHEN CAST("o_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST("o_ltv" AS text) ~ '[.e]' THEN CAST("o_ltv" AS text) ELSE CAST("o_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST("o_ltv" AS text) || '"' END AS text)))) OR roo_dirty) THEN 'ltv' END, CASE WHEN ((NOT ("n_spent" IS NOT DISTINCT
  FROM "o_spent")) OR roo_dirty) THEN 'spent' END, CASE WHEN ((NOT ("n_seen" IS NOT DISTINCT
  FROM "o_seen")) OR roo_dirty) THEN 'seen' END, CASE WHEN ((NOT ("n_dob" IS NOT DISTINCT
  FROM "o_dob")) OR roo_dirty) THEN 'dob' END, CASE WHEN ((NOT ("n_doc" IS NOT DISTINCT
  FROM "o_doc")) OR roo_dirty) THEN 'doc' END, CASE WHEN ((NOT ("n_tags" IS NOT DISTINCT
  FROM "o_tags")) OR roo_dirty) THEN 'tags' END, CASE WHEN ((NOT ("n_source" IS NOT DISTINCT
  FROM "o_source")) OR roo_dirty) THEN 'source' END, CASE WHEN ((NOT ("n__group_vip" IS NOT DISTINCT
  FROM "o__group_vip")) OR roo_dirty) THEN '@group:VIP' END, CASE WHEN ((NOT ("n__groups_segments" IS NOT DISTINCT
  FROM "o__groups_segments")) OR roo_dirty) THEN '@groups:segments' END, CASE WHEN (("o_home_city" IS NOT NULL) OR roo_dirty) THEN 'home_city' END] AS text[]), NULL)) AS text) END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM "main_roo"."changes__people"
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO "main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO "main_roo"."roo_acknowledged" VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 3: a plan while a run was interrupted
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
DROP TABLE IF EXISTS pg_temp.roo_answered;
CREATE TEMPORARY TABLE roo_answered AS SELECT DISTINCT *
  FROM (SELECT generate_series(first_seq, last_seq) AS roo_seq, status, code, message, permanent
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 3' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
ANALYZE pg_temp.roo_answered;
INSERT INTO pg_temp.roo_answered SELECT DISTINCT x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true
  FROM (SELECT generate_series(first_seq, last_seq) AS roo_seq, status, code, message, permanent
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 3' AND status = 'sending') x
  WHERE NOT EXISTS (SELECT 1
  FROM pg_temp.roo_answered a
  WHERE a.roo_seq = x.roo_seq);
SELECT count(*)
  FROM pg_temp.roo_answered;
SELECT count(*)
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 3' AND status IN ('written', 'renamed', 'lost', 'leaving');
SELECT count(*)
  FROM "main_roo"."snapshot__people" s
  WHERE (s."home_city" IS NOT NULL OR s.roo_dirty) AND NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'depart') x
  WHERE CAST(x."key__id" AS text) = CAST(s."key__id" AS text));
DROP TABLE IF EXISTS pg_temp.roo_preview__people;
CREATE TEMPORARY TABLE roo_preview__people AS SELECT CAST(s."key__id" AS bigint) AS "key__id", s."email" AS "email", pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4))) AS "ltv", s."spent" AS "spent", s."seen" AS "seen", s."dob" AS "dob", s."doc" AS "doc", s."tags" AS "tags", s."source" AS "source", s."_group_vip" AS "_group_vip", s."_groups_segments" AS "_groups_segments", s.roo_departed, (s.roo_dirty OR NOT (CAST(CASE WHEN CAST(s."ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS text) ~ '[.e]' THEN CAST(s."ltv" AS text) ELSE CAST(s."ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST(s."ltv" AS text) || '"' END AS text) IS NOT DISTINCT
  FROM CAST(CASE WHEN abs(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) < 1e308 THEN CASE WHEN strpos(CAST(trim_scale(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text), '.') > 0 THEN CAST(trim_scale(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text) ELSE CAST(trim_scale(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text) || '.0' END ELSE '"\u0000roo:' || CAST(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4))) AS text) || '"' END AS text))) AS roo_dirty, s.roo_whole, s.roo_synced_at
  FROM "main_roo"."snapshot__people" s
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE CAST(x."key__id" AS text) = CAST(s."key__id" AS text))
  UNION ALL SELECT CAST(c."key__id" AS bigint) AS "key__id", c."n_email" AS "email", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR NOT (CAST(CASE WHEN CAST(c."o_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(c."o_ltv" AS text) ~ '[.e]' THEN CAST(c."o_ltv" AS text) ELSE CAST(c."o_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST(c."o_ltv" AS text) || '"' END AS text) IS NOT DISTINCT
  FROM CAST(CASE WHEN abs(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4)))) < 1e308 THEN CASE WHEN strpos(CAST(trim_scale(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text), '.') > 0 THEN CAST(trim_scale(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text) ELSE CAST(trim_scale(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text) || '.0' END ELSE '"\u0000roo:' || CAST(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4))) AS text) || '"' END AS text)))) AS roo_dirty, false AS roo_whole, now() AS roo_synced_at
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
ANALYZE pg_temp.roo_preview__people;
UPDATE pg_temp.roo_preview__people AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE pg_temp.roo_preview__people AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
DROP TABLE IF EXISTS pg_temp.roo_refused__people;
CREATE TEMPORARY TABLE roo_refused__people AS SELECT *
  FROM "main_roo"."roo_unaccepted"
  WHERE destination = 'people';
ANALYZE pg_temp.roo_refused__people;
DROP TABLE IF EXISTS pg_temp.roo_failed;
CREATE TEMPORARY TABLE roo_failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, now()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN abs("n_ltv") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_ltv") AS text), '.') > 0 THEN CAST(trim_scale("n_ltv") AS text) ELSE CAST(trim_scale("n_ltv") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || '}') END) AS fingerprint
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN pg_temp.roo_refused__people u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
ANALYZE pg_temp.roo_failed;
DELETE
  FROM pg_temp.roo_refused__people u
  WHERE u.destination = ? AND EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO pg_temp.roo_refused__people SELECT ?, roo_key, operation, status, code, message, attempts, first_at, now(), permanent, fingerprint
  FROM pg_temp.roo_failed;

-- sync 3: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
DROP TABLE IF EXISTS pg_temp.roo_answered;
CREATE TEMPORARY TABLE roo_answered AS SELECT DISTINCT *
  FROM (SELECT generate_series(first_seq, last_seq) AS roo_seq, status, code, message, permanent
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 3' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
ANALYZE pg_temp.roo_answered;
INSERT INTO pg_temp.roo_answered SELECT DISTINCT x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true
  FROM (SELECT generate_series(first_seq, last_seq) AS roo_seq, status, code, message, permanent
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 3' AND status = 'sending') x
  WHERE NOT EXISTS (SELECT 1
  FROM pg_temp.roo_answered a
  WHERE a.roo_seq = x.roo_seq);
SELECT count(*)
  FROM pg_temp.roo_answered;
SELECT count(*)
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = 'people' AND run_id = 'run 3' AND status IN ('written', 'renamed', 'lost', 'leaving');
SELECT count(*)
  FROM "main_roo"."snapshot__people" s
  WHERE (s."home_city" IS NOT NULL OR s.roo_dirty) AND NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'depart') x
  WHERE CAST(x."key__id" AS text) = CAST(s."key__id" AS text));
DROP TABLE IF EXISTS "main_roo"."rebuilt__people";
CREATE TABLE "main_roo"."rebuilt__people" AS SELECT CAST(s."key__id" AS bigint) AS "key__id", s."email" AS "email", pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4))) AS "ltv", s."spent" AS "spent", s."seen" AS "seen", s."dob" AS "dob", s."doc" AS "doc", s."tags" AS "tags", s."source" AS "source", s."_group_vip" AS "_group_vip", s."_groups_segments" AS "_groups_segments", s.roo_departed, (s.roo_dirty OR NOT (CAST(CASE WHEN CAST(s."ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(s."ltv" AS text) ~ '[.e]' THEN CAST(s."ltv" AS text) ELSE CAST(s."ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST(s."ltv" AS text) || '"' END AS text) IS NOT DISTINCT
  FROM CAST(CASE WHEN abs(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) < 1e308 THEN CASE WHEN strpos(CAST(trim_scale(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text), '.') > 0 THEN CAST(trim_scale(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text) ELSE CAST(trim_scale(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text) || '.0' END ELSE '"\u0000roo:' || CAST(pg_temp.roo_try_cast(CAST(s."ltv" AS text), CAST(NULL AS numeric(12,4))) AS text) || '"' END AS text))) AS roo_dirty, s.roo_whole, s.roo_synced_at
  FROM "main_roo"."snapshot__people" s
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT c."key__id"
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE CAST(x."key__id" AS text) = CAST(s."key__id" AS text))
  UNION ALL SELECT CAST(c."key__id" AS bigint) AS "key__id", c."n_email" AS "email", c."n_ltv" AS "ltv", c."n_spent" AS "spent", c."n_seen" AS "seen", c."n_dob" AS "dob", c."n_doc" AS "doc", c."n_tags" AS "tags", c."n_source" AS "source", c."n__group_vip" AS "_group_vip", c."n__groups_segments" AS "_groups_segments", c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR NOT (CAST(CASE WHEN CAST(c."o_ltv" AS text) NOT IN ('NaN', 'Infinity', '-Infinity') THEN CASE WHEN CAST(c."o_ltv" AS text) ~ '[.e]' THEN CAST(c."o_ltv" AS text) ELSE CAST(c."o_ltv" AS text) || '.0' END ELSE '"\u0000roo:' || CAST(c."o_ltv" AS text) || '"' END AS text) IS NOT DISTINCT
  FROM CAST(CASE WHEN abs(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4)))) < 1e308 THEN CASE WHEN strpos(CAST(trim_scale(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text), '.') > 0 THEN CAST(trim_scale(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text) ELSE CAST(trim_scale(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4)))) AS text) || '.0' END ELSE '"\u0000roo:' || CAST(pg_temp.roo_try_cast(CAST(c."o_ltv" AS text), CAST(NULL AS numeric(12,4))) AS text) || '"' END AS text)))) AS roo_dirty, false AS roo_whole, now() AS roo_synced_at
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
ANALYZE "main_roo"."rebuilt__people";
UPDATE "main_roo"."rebuilt__people" AS s SET roo_departed = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c."key__id" = s."key__id");
UPDATE "main_roo"."rebuilt__people" AS s SET roo_dirty = true
  WHERE EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c."key__id" = s."key__id");
DROP TABLE IF EXISTS "main_roo"."snapshot__people";
ALTER TABLE "main_roo"."rebuilt__people" RENAME TO "snapshot__people";
INSERT INTO "main_roo"."roo_outcomes" SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, now()
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq;
INSERT INTO "main_roo"."roo_former_identifiers" (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, now()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c."o_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS text) END AS identifier, CASE WHEN nullif(trim(CAST(c."n_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS text) END AS went_to
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c."o_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."o_email" AS text) END <> CASE WHEN nullif(trim(CAST(c."n_email" AS text)), '') IS NULL THEN NULL ELSE CAST(c."n_email" AS text) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM "main_roo"."roo_former_identifiers" f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP TABLE IF EXISTS pg_temp.roo_failed;
CREATE TEMPORARY TABLE roo_failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, now()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CAST(to_json("n_email") AS text), 'null') || ',"ltv":' || coalesce(CASE WHEN abs("n_ltv") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_ltv") AS text), '.') > 0 THEN CAST(trim_scale("n_ltv") AS text) ELSE CAST(trim_scale("n_ltv") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_ltv" AS text) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN abs("n_spent") < 1e308 THEN CASE WHEN strpos(CAST(trim_scale("n_spent") AS text), '.') > 0 THEN CAST(trim_scale("n_spent") AS text) ELSE CAST(trim_scale("n_spent") AS text) || '.0' END ELSE '"\u0000roo:' || CAST("n_spent" AS text) || '"' END, 'null') || ',"seen":' || coalesce(CASE WHEN "n_seen" AT TIME ZONE 'UTC' >= TIMESTAMP '0001-01-01' AND "n_seen" AT TIME ZONE 'UTC' < TIMESTAMP '10000-01-01' THEN '"' || to_char("n_seen" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ELSE '"\u0000roo:' || CAST("n_seen" AS text) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN "n_dob" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN '"' || CAST("n_dob" AS text) || '"' ELSE '"\u0000roo:' || CAST("n_dob" AS text) || '"' END, 'null') || ',"doc":' || coalesce(CAST("n_doc" AS text), 'null') || ',"tags":' || coalesce(CAST(array_to_json("n_tags") AS text), 'null') || ',"source":' || coalesce(CAST(to_json("n_source") AS text), 'null') || ',"@group:VIP":' || coalesce(CAST("n__group_vip" AS text), 'null') || ',"@groups:segments":' || coalesce(CAST(array_to_json("n__groups_segments") AS text), 'null') || '}') END) AS fingerprint
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN "main_roo"."roo_unaccepted" u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
ANALYZE pg_temp.roo_failed;
DELETE
  FROM "main_roo"."roo_unaccepted" u
  WHERE u.destination = ? AND EXISTS (SELECT 1
  FROM "main_roo"."changes__people" c
  JOIN pg_temp.roo_answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'));
INSERT INTO "main_roo"."roo_unaccepted" SELECT ?, roo_key, operation, status, code, message, attempts, first_at, now(), permanent, fingerprint
  FROM pg_temp.roo_failed;
UPDATE "main_roo"."roo_destinations" SET snapshot_shape = ?, pending_run = NULL, pending_shape = ?, updated_at = now()
  WHERE destination = ? AND pending_run = ?;
DELETE
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = ?;
DROP TABLE IF EXISTS "main_roo"."changes__people";
UPDATE "main_roo"."roo_locks" SET heartbeat_at = now()
  WHERE destination = ? AND run_id = ?;
UPDATE "main_roo"."roo_runs" SET finished_at = now(), status = ?, message = ?, model_rows = ?, created = ?, updated = ?, deleted = ?, unchanged = ?, skipped = ?, failed = ?, unknown = ?, held = ?, requests = ?, retries = ?, overrides = coalesce(?, overrides)
  WHERE run_id = ? AND destination = ?;
DELETE
  FROM "main_roo"."roo_outcomes"
  WHERE destination = ? AND time < now() - INTERVAL '2592000 seconds';
DELETE
  FROM "main_roo"."roo_runs"
  WHERE destination = ? AND started_at < now() - INTERVAL '2592000 seconds';
UPDATE "main_roo"."roo_locks" SET run_id = NULL
  WHERE destination = ? AND run_id = ?;

-- questions, and forgetting
SELECT destination, run_id, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), status, message, model_rows, requests, retries, created, updated, deleted, unchanged, skipped, failed, unknown, held
  FROM "main_roo"."roo_runs"
  ORDER BY started_at DESC, destination LIMIT 5;
SELECT destination, key, operation, status, code, message, attempts, to_char(first_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), permanent
  FROM "main_roo"."roo_unaccepted"
  WHERE status <> 'skipped'
  ORDER BY destination, first_at, key;
SELECT to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), run_id, operation, outcome, code, message
  FROM "main_roo"."roo_outcomes"
  WHERE destination = ? AND key = ?
  ORDER BY time;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
SELECT roo_departed, to_char(roo_synced_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM "main_roo"."snapshot__people" s
  WHERE CAST(s."key__id" AS text) = ?;
SELECT destination, to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  FROM "main_roo"."roo_destinations";
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM "main_roo"."roo_destinations";
SELECT count(*)
  FROM "main_roo"."snapshot__people"
  WHERE NOT roo_departed;
DELETE
  FROM "main_roo"."roo_unaccepted"
  WHERE destination = ? AND permanent AND status = 'unknown';
UPDATE "main_roo"."roo_unaccepted" SET permanent = false
  WHERE destination = ? AND permanent AND status = 'failed';
DELETE
  FROM "main_roo"."roo_destinations"
  WHERE destination = ?;
DROP TABLE IF EXISTS "main_roo"."snapshot__folk";
ALTER TABLE "main_roo"."snapshot__people" RENAME TO "snapshot__folk";
DELETE
  FROM "main_roo"."roo_unaccepted"
  WHERE destination = ?;
INSERT INTO "main_roo"."roo_unaccepted" (destination, key, operation, status, code, message, attempts, first_at, last_at, permanent, fingerprint) SELECT ?, key, operation, status, code, message, attempts, first_at, last_at, permanent, fingerprint
  FROM "main_roo"."roo_unaccepted"
  WHERE destination = ?;
UPDATE "main_roo"."roo_outcomes" SET destination = ?
  WHERE destination = ?;
UPDATE "main_roo"."roo_destinations" SET destination = ?, unique_id = ?
  WHERE destination = ?;
DROP TABLE IF EXISTS "main_roo"."snapshot__people";
DELETE
  FROM "main_roo"."roo_unaccepted"
  WHERE destination = ?;
DELETE
  FROM "main_roo"."roo_locks"
  WHERE destination = ?;
UPDATE "main_roo"."roo_destinations" SET snapshot_shape = NULL
  WHERE destination = ?;
DROP TABLE IF EXISTS "main_roo"."snapshot__folk";
DROP TABLE IF EXISTS "main_roo"."rebuilt__folk";
DROP TABLE IF EXISTS "main_roo"."changes__folk";
DELETE
  FROM "main_roo"."roo_unaccepted"
  WHERE destination = ?;
DELETE
  FROM "main_roo"."roo_acknowledged"
  WHERE destination = ?;
DELETE
  FROM "main_roo"."roo_outcomes"
  WHERE destination = ?;
DELETE
  FROM "main_roo"."roo_locks"
  WHERE destination = ?;
DELETE
  FROM "main_roo"."roo_destinations"
  WHERE destination = ?;
