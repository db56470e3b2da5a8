-- The documentation of what is used here:
-- https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-create-table-like.html
-- https://spark.apache.org/docs/latest/sql-ref-syntax-dml-insert-table.html
-- https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-alter-table.html
-- https://spark.apache.org/docs/latest/sql-ref-syntax-qry-star.html
-- https://spark.apache.org/docs/latest/api/sql/

-- the state tables
CREATE SCHEMA IF NOT EXISTS `main_roo`;
CREATE TABLE IF NOT EXISTS `main_roo`.`roo_state` (version bigint);
SELECT max(version)
  FROM `main_roo`.`roo_state`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_state`;
CREATE TABLE `main_roo`.`roo_new__roo_state` LIKE `main_roo`.`roo_state`;
INSERT INTO `main_roo`.`roo_new__roo_state` BY NAME SELECT r.* EXCEPT (roo_hit, version), CASE WHEN r.roo_hit THEN 1 ELSE r.version END AS version
  FROM (SELECT r.*, coalesce((true), false) AS roo_hit
  FROM `main_roo`.`roo_state` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_state`;
ALTER TABLE `main_roo`.`roo_new__roo_state` RENAME TO `main_roo`.`roo_state`;
CREATE TABLE IF NOT EXISTS `main_roo`.`roo_runs` (run_id string, destination string, unique_id string, app string, object string, target string, host string, pid bigint, started_at timestamp, finished_at timestamp, status string, message string, model_rows bigint, created bigint, updated bigint, deleted bigint, unchanged bigint, skipped bigint, failed bigint, unknown bigint, held bigint, requests bigint, retries bigint, overrides string);
CREATE TABLE IF NOT EXISTS `main_roo`.`roo_outcomes` (run_id string, destination string, key string, operation string, outcome string, code string, message string, time timestamp);
CREATE TABLE IF NOT EXISTS `main_roo`.`roo_locks` (destination string, run_id string, host string, pid bigint, taken_at timestamp, heartbeat_at timestamp);
CREATE TABLE IF NOT EXISTS `main_roo`.`roo_destinations` (destination string, unique_id string, app string, object string, endpoint string, workspace string, key_columns string, identifier string, snapshot_shape string, pending_run string, pending_shape string, created_at timestamp, updated_at timestamp);
CREATE TABLE IF NOT EXISTS `main_roo`.`roo_unaccepted` (destination string, key string, operation string, status string, code string, message string, attempts bigint, first_at timestamp, last_at timestamp, permanent boolean, fingerprint string);
CREATE TABLE IF NOT EXISTS `main_roo`.`roo_former_identifiers` (app string, fields string, identifier string, went_to string, destination string, since timestamp);
CREATE TABLE IF NOT EXISTS `main_roo`.`roo_acknowledged` (destination string, run_id string, first_seq bigint, last_seq bigint, status string, code string, message string, permanent boolean);
INSERT INTO `main_roo`.`roo_state` SELECT 1
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_state`);

-- sync 1: the lock
INSERT INTO `main_roo`.`roo_locks` (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_locks`
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM `main_roo`.`roo_locks`
  WHERE destination = ?;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, run_id, host, pid, taken_at, heartbeat_at), CASE WHEN r.roo_hit THEN ? ELSE r.run_id END AS run_id, CASE WHEN r.roo_hit THEN ? ELSE r.host END AS host, CASE WHEN r.roo_hit THEN ? ELSE r.pid END AS pid, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.taken_at END AS taken_at, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < current_timestamp() - INTERVAL 60 SECONDS)), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.* EXCEPT (roo_hit, status, finished_at, message), CASE WHEN r.roo_hit THEN 'error' ELSE r.status END AS status, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.finished_at END AS finished_at, CASE WHEN r.roo_hit THEN 'interrupted; what it had confirmed was folded in by the next run' ELSE r.message END AS message
  FROM (SELECT r.*, coalesce((destination = ? AND run_id <> ? AND status = 'running'), false) AS roo_hit
  FROM `main_roo`.`roo_runs` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_runs` (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, current_timestamp(), 'running');

-- sync 1: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
SELECT count(*), count(CASE WHEN c.`key__id` IS NULL THEN 1 END)
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) c;
DROP VIEW IF EXISTS roo_temporary__duplicates;
CREATE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c.`key__id` AS string) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c.`key__id`) AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r.`email` AS string))), '') AS identifier
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r.`email` AS string))), '') AS identifier
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
DROP VIEW IF EXISTS roo_temporary__candidates;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT 'create' AS roo_operation, c.`key__id`, c.`email` AS `n_email`, CAST(NULL AS string) AS `o_email`, c.`home_city` AS `n_home_city`, CAST(NULL AS string) AS `o_home_city`, c.`ltv` AS `n_ltv`, CAST(NULL AS double) AS `o_ltv`, c.`spent` AS `n_spent`, CAST(NULL AS decimal(10,2)) AS `o_spent`, c.`seen` AS `n_seen`, CAST(NULL AS timestamp) AS `o_seen`, c.`dob` AS `n_dob`, CAST(NULL AS date) AS `o_dob`, c.`doc` AS `n_doc`, CAST(NULL AS map<string,bigint>) AS `o_doc`, c.`tags` AS `n_tags`, CAST(NULL AS array<string>) AS `o_tags`, c.`source` AS `n_source`, CAST(NULL AS string) AS `o_source`, c.`_group_vip` AS `n__group_vip`, CAST(NULL AS boolean) AS `o__group_vip`, c.`_groups_segments` AS `n__groups_segments`, CAST(NULL AS array<string>) AS `o__groups_segments`, false AS roo_departed, false AS roo_dirty, false AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS string) AS roo_inherited, CAST(NULL AS string) AS roo_successors
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) c;
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM `main_roo`.`roo_former_identifiers`
  WHERE app = 'iterable' AND fields = '["email"]') f;
SELECT CAST(c.`key__id` AS string), count(*), count(*) OVER ()
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) c
  GROUP BY c.`key__id` HAVING count(*) > 1
  ORDER BY c.`key__id` LIMIT 5;
DROP TABLE IF EXISTS `main_roo`.`roo_new__changes__people`;
CREATE TABLE `main_roo`.`roo_new__changes__people` AS SELECT row_number() OVER (ORDER BY 1) AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN d.identifier IS NOT NULL THEN 'failed' END AS roo_status, CASE WHEN d.identifier IS NOT NULL THEN 'duplicate_identifier' END AS roo_code, CASE WHEN d.identifier IS NOT NULL THEN 'record ' || d.roo_key || ' has the same identifier and the lower key, so it goes instead' END AS roo_message, coalesce(false, false) AS roo_held
  FROM (SELECT y.*, CAST(y.`key__id` AS string) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN roo_temporary__duplicates d ON x.roo_operation IN ('create', 'update') AND nullif(lower(trim(CAST(x.`n_email` AS string))), '') = d.identifier AND x.roo_key <> d.roo_key
  WHERE NOT false) z
  ORDER BY 1;
DROP TABLE IF EXISTS `main_roo`.`changes__people`;
ALTER TABLE `main_roo`.`roo_new__changes__people` RENAME TO `main_roo`.`changes__people`;
DROP VIEW IF EXISTS roo_temporary__candidates;
DROP VIEW IF EXISTS roo_temporary__duplicates;
DROP VIEW IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END)
  FROM `main_roo`.`changes__people`;
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM `main_roo`.`changes__people`
  WHERE roo_seq <= 5;
SELECT count(CASE WHEN (roo_operation = 'create' AND `n_email` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_email` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_email` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_home_city` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_home_city` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_home_city` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_ltv` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_ltv` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_ltv` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_spent` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_spent` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_spent` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_seen` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_seen` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_seen` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_dob` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_dob` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_dob` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_doc` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_doc` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_doc` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_tags` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_tags` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_tags` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_source` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n_source` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_source` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n__group_vip` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n__group_vip` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n__group_vip` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n__groups_segments` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`n__groups_segments` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n__groups_segments` IS NOT NULL))) THEN 1 END)
  FROM `main_roo`.`changes__people`
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 5;
SELECT DISTINCT roo_inherited
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND (`n__group_vip` IS NOT NULL OR `o__group_vip` IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT explode(concat(coalesce(`n__groups_segments`, CAST(array() AS array<string>)), coalesce(`o__groups_segments`, CAST(array() AS array<string>)))) AS name
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 5 AND roo_operation <> 'delete' AND (`n__groups_segments` IS NOT NULL OR `o__groups_segments` IS NOT NULL)) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM `main_roo`.`changes__people`
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 5
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_destinations` (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, current_timestamp()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_destinations`
  WHERE destination = ?);
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, unique_id, app, object, endpoint, workspace, key_columns, identifier), CASE WHEN r.roo_hit THEN ? ELSE r.unique_id END AS unique_id, CASE WHEN r.roo_hit THEN ? ELSE r.app END AS app, CASE WHEN r.roo_hit THEN ? ELSE r.object END AS object, CASE WHEN r.roo_hit THEN ? ELSE r.endpoint END AS endpoint, CASE WHEN r.roo_hit THEN ? ELSE r.workspace END AS workspace, CASE WHEN r.roo_hit THEN ? ELSE r.key_columns END AS key_columns, CASE WHEN r.roo_hit THEN ? ELSE r.identifier END AS identifier
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, pending_run, pending_shape, updated_at), CASE WHEN r.roo_hit THEN ? ELSE r.pending_run END AS pending_run, CASE WHEN r.roo_hit THEN ? ELSE r.pending_shape END AS pending_shape, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.updated_at END AS updated_at
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;

-- sync 1: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"home_city":' || coalesce(CASE WHEN `n_home_city` IS NOT NULL THEN substring(to_json(array(`n_home_city`)), 2, length(to_json(array(`n_home_city`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN NOT (isnan(`n_ltv`) OR abs(`n_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`n_ltv` AS string) LIKE '%.%' OR CAST(`n_ltv` AS string) LIKE '%e%' THEN CAST(`n_ltv` AS string) ELSE CAST(`n_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`n_ltv` AS string) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN '{}' END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || CASE WHEN CASE WHEN ((`n_email` IS NOT NULL) OR roo_dirty) THEN 'email' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_email` IS NOT NULL) OR roo_dirty) THEN 'email' END)), 2, length(to_json(array(CASE WHEN ((`n_email` IS NOT NULL) OR roo_dirty) THEN 'email' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n_home_city` IS NOT NULL) OR roo_dirty) THEN 'home_city' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_home_city` IS NOT NULL) OR roo_dirty) THEN 'home_city' END)), 2, length(to_json(array(CASE WHEN ((`n_home_city` IS NOT NULL) OR roo_dirty) THEN 'home_city' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n_ltv` IS NOT NULL) OR roo_dirty) THEN 'ltv' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_ltv` IS NOT NULL) OR roo_dirty) THEN 'ltv' END)), 2, length(to_json(array(CASE WHEN ((`n_ltv` IS NOT NULL) OR roo_dirty) THEN 'ltv' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n_spent` IS NOT NULL) OR roo_dirty) THEN 'spent' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_spent` IS NOT NULL) OR roo_dirty) THEN 'spent' END)), 2, length(to_json(array(CASE WHEN ((`n_spent` IS NOT NULL) OR roo_dirty) THEN 'spent' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n_seen` IS NOT NULL) OR roo_dirty) THEN 'seen' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_seen` IS NOT NULL) OR roo_dirty) THEN 'seen' END)), 2, length(to_json(array(CASE WHEN ((`n_seen` IS NOT NULL) OR roo_dirty) THEN 'seen' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n_dob` IS NOT NULL) OR roo_dirty) THEN 'dob' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_dob` IS NOT NULL) OR roo_dirty) THEN 'dob' END)), 2, length(to_json(array(CASE WHEN ((`n_dob` IS NOT NULL) OR roo_dirty) THEN 'dob' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n_doc` IS NOT NULL) OR roo_dirty) THEN 'doc' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_doc` IS NOT NULL) OR roo_dirty) THEN 'doc' END)), 2, length(to_json(array(CASE WHEN ((`n_doc` IS NOT NULL) OR roo_dirty) THEN 'doc' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n_tags` IS NOT NULL) OR roo_dirty) THEN 'tags' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_tags` IS NOT NULL) OR roo_dirty) THEN 'tags' END)), 2, length(to_json(array(CASE WHEN ((`n_tags` IS NOT NULL) OR roo_dirty) THEN 'tags' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n_source` IS NOT NULL) OR roo_dirty) THEN 'source' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n_source` IS NOT NULL) OR roo_dirty) THEN 'source' END)), 2, length(to_json(array(CASE WHEN ((`n_source` IS NOT NULL) OR roo_dirty) THEN 'source' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n__group_vip` IS NOT NULL) OR roo_dirty) THEN '@group:VIP' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n__group_vip` IS NOT NULL) OR roo_dirty) THEN '@group:VIP' END)), 2, length(to_json(array(CASE WHEN ((`n__group_vip` IS NOT NULL) OR roo_dirty) THEN '@group:VIP' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`n__groups_segments` IS NOT NULL) OR roo_dirty) THEN '@groups:segments' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`n__groups_segments` IS NOT NULL) OR roo_dirty) THEN '@groups:segments' END)), 2, length(to_json(array(CASE WHEN ((`n__groups_segments` IS NOT NULL) OR roo_dirty) THEN '@groups:segments' END))) - 2) END, ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM `main_roo`.`changes__people`
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO `main_roo`.`roo_acknowledged` VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO `main_roo`.`roo_acknowledged` VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 1: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP VIEW IF EXISTS roo_temporary__answered;
CREATE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT explode(sequence(first_seq, last_seq)) AS roo_seq, status, code, message, permanent
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 1' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 1' AND status IN ('written', 'renamed', 'lost');
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__people`;
CREATE TABLE `main_roo`.`roo_new__rebuilt__people` AS SELECT CAST(c.`key__id` AS bigint) AS `key__id`, c.`n_email` AS `email`, c.`n_home_city` AS `home_city`, c.`n_ltv` AS `ltv`, c.`n_spent` AS `spent`, c.`n_seen` AS `seen`, c.`n_dob` AS `dob`, c.`n_doc` AS `doc`, c.`n_tags` AS `tags`, c.`n_source` AS `source`, c.`n__group_vip` AS `_group_vip`, c.`n__groups_segments` AS `_groups_segments`, c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR false)) AS roo_dirty, false AS roo_whole, current_timestamp() AS roo_synced_at
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
DROP TABLE IF EXISTS `main_roo`.`rebuilt__people`;
ALTER TABLE `main_roo`.`roo_new__rebuilt__people` RENAME TO `main_roo`.`rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__people`;
CREATE TABLE `main_roo`.`roo_new__rebuilt__people` LIKE `main_roo`.`rebuilt__people`;
INSERT INTO `main_roo`.`roo_new__rebuilt__people` BY NAME SELECT s.* EXCEPT (roo_hit, roo_departed), CASE WHEN s.roo_hit THEN true ELSE s.roo_departed END AS roo_departed
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c.`key__id` = s.`key__id`)), false) AS roo_hit
  FROM `main_roo`.`rebuilt__people` s) s;
DROP TABLE IF EXISTS `main_roo`.`rebuilt__people`;
ALTER TABLE `main_roo`.`roo_new__rebuilt__people` RENAME TO `main_roo`.`rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__people`;
CREATE TABLE `main_roo`.`roo_new__rebuilt__people` LIKE `main_roo`.`rebuilt__people`;
INSERT INTO `main_roo`.`roo_new__rebuilt__people` BY NAME SELECT s.* EXCEPT (roo_hit, roo_dirty), CASE WHEN s.roo_hit THEN true ELSE s.roo_dirty END AS roo_dirty
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c.`key__id` = s.`key__id`)), false) AS roo_hit
  FROM `main_roo`.`rebuilt__people` s) s;
DROP TABLE IF EXISTS `main_roo`.`rebuilt__people`;
ALTER TABLE `main_roo`.`roo_new__rebuilt__people` RENAME TO `main_roo`.`rebuilt__people`;
INSERT INTO `main_roo`.`roo_outcomes` SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, current_timestamp()
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_outcomes` o
  WHERE o.run_id = ? AND o.destination = ? AND o.key = c.roo_key);
INSERT INTO `main_roo`.`roo_former_identifiers` (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, current_timestamp()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c.`o_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`o_email` AS string) END AS identifier, CASE WHEN nullif(trim(CAST(c.`n_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`n_email` AS string) END AS went_to
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c.`o_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`o_email` AS string) END <> CASE WHEN nullif(trim(CAST(c.`n_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`n_email` AS string) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_former_identifiers` f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP VIEW IF EXISTS roo_temporary__failed;
CREATE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, current_timestamp()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"home_city":' || coalesce(CASE WHEN `n_home_city` IS NOT NULL THEN substring(to_json(array(`n_home_city`)), 2, length(to_json(array(`n_home_city`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN NOT (isnan(`n_ltv`) OR abs(`n_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`n_ltv` AS string) LIKE '%.%' OR CAST(`n_ltv` AS string) LIKE '%e%' THEN CAST(`n_ltv` AS string) ELSE CAST(`n_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`n_ltv` AS string) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}') END) AS fingerprint
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN `main_roo`.`roo_unaccepted` u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_unaccepted`;
CREATE TABLE `main_roo`.`roo_new__roo_unaccepted` LIKE `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_new__roo_unaccepted` BY NAME SELECT u.*
  FROM `main_roo`.`roo_unaccepted` u
  WHERE NOT coalesce((u.destination = ? AND EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'))), false);
DROP TABLE IF EXISTS `main_roo`.`roo_unaccepted`;
ALTER TABLE `main_roo`.`roo_new__roo_unaccepted` RENAME TO `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_unaccepted` SELECT ?, roo_key, operation, status, code, message, attempts, first_at, current_timestamp(), permanent, fingerprint
  FROM roo_temporary__failed;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, snapshot_shape, pending_run, pending_shape, updated_at), CASE WHEN r.roo_hit THEN ? ELSE r.snapshot_shape END AS snapshot_shape, CASE WHEN r.roo_hit THEN NULL ELSE r.pending_run END AS pending_run, CASE WHEN r.roo_hit THEN ? ELSE r.pending_shape END AS pending_shape, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.updated_at END AS updated_at
  FROM (SELECT r.*, coalesce((destination = ? AND pending_run = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_acknowledged`;
CREATE TABLE `main_roo`.`roo_new__roo_acknowledged` LIKE `main_roo`.`roo_acknowledged`;
INSERT INTO `main_roo`.`roo_new__roo_acknowledged` BY NAME SELECT r.*
  FROM `main_roo`.`roo_acknowledged` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_acknowledged`;
ALTER TABLE `main_roo`.`roo_new__roo_acknowledged` RENAME TO `main_roo`.`roo_acknowledged`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__changes__people`;
DROP TABLE IF EXISTS `main_roo`.`changes__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
CREATE TABLE `main_roo`.`roo_new__snapshot__people` AS SELECT *
  FROM `main_roo`.`rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
ALTER TABLE `main_roo`.`roo_new__snapshot__people` RENAME TO `main_roo`.`snapshot__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, pending_shape), CASE WHEN r.roo_hit THEN NULL ELSE r.pending_shape END AS pending_shape
  FROM (SELECT r.*, coalesce((destination = ? AND pending_run IS NULL), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.* EXCEPT (roo_hit, finished_at, status, message, model_rows, created, updated, deleted, unchanged, skipped, failed, unknown, held, requests, retries, overrides), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.finished_at END AS finished_at, CASE WHEN r.roo_hit THEN ? ELSE r.status END AS status, CASE WHEN r.roo_hit THEN ? ELSE r.message END AS message, CASE WHEN r.roo_hit THEN ? ELSE r.model_rows END AS model_rows, CASE WHEN r.roo_hit THEN ? ELSE r.created END AS created, CASE WHEN r.roo_hit THEN ? ELSE r.updated END AS updated, CASE WHEN r.roo_hit THEN ? ELSE r.deleted END AS deleted, CASE WHEN r.roo_hit THEN ? ELSE r.unchanged END AS unchanged, CASE WHEN r.roo_hit THEN ? ELSE r.skipped END AS skipped, CASE WHEN r.roo_hit THEN ? ELSE r.failed END AS failed, CASE WHEN r.roo_hit THEN ? ELSE r.unknown END AS unknown, CASE WHEN r.roo_hit THEN ? ELSE r.held END AS held, CASE WHEN r.roo_hit THEN ? ELSE r.requests END AS requests, CASE WHEN r.roo_hit THEN ? ELSE r.retries END AS retries, CASE WHEN r.roo_hit THEN coalesce(?, overrides) ELSE r.overrides END AS overrides
  FROM (SELECT r.*, coalesce((run_id = ? AND destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_runs` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_outcomes`;
CREATE TABLE `main_roo`.`roo_new__roo_outcomes` LIKE `main_roo`.`roo_outcomes`;
INSERT INTO `main_roo`.`roo_new__roo_outcomes` BY NAME SELECT r.*
  FROM `main_roo`.`roo_outcomes` r
  WHERE NOT coalesce((destination = ? AND time < current_timestamp() - INTERVAL 2592000 SECONDS), false);
DROP TABLE IF EXISTS `main_roo`.`roo_outcomes`;
ALTER TABLE `main_roo`.`roo_new__roo_outcomes` RENAME TO `main_roo`.`roo_outcomes`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.*
  FROM `main_roo`.`roo_runs` r
  WHERE NOT coalesce((destination = ? AND started_at < current_timestamp() - INTERVAL 2592000 SECONDS), false);
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, run_id), CASE WHEN r.roo_hit THEN NULL ELSE r.run_id END AS run_id
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;

-- sync 2: the lock
INSERT INTO `main_roo`.`roo_locks` (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_locks`
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM `main_roo`.`roo_locks`
  WHERE destination = ?;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, run_id, host, pid, taken_at, heartbeat_at), CASE WHEN r.roo_hit THEN ? ELSE r.run_id END AS run_id, CASE WHEN r.roo_hit THEN ? ELSE r.host END AS host, CASE WHEN r.roo_hit THEN ? ELSE r.pid END AS pid, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.taken_at END AS taken_at, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < current_timestamp() - INTERVAL 60 SECONDS)), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.* EXCEPT (roo_hit, status, finished_at, message), CASE WHEN r.roo_hit THEN 'error' ELSE r.status END AS status, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.finished_at END AS finished_at, CASE WHEN r.roo_hit THEN 'interrupted; what it had confirmed was folded in by the next run' ELSE r.message END AS message
  FROM (SELECT r.*, coalesce((destination = ? AND run_id <> ? AND status = 'running'), false) AS roo_hit
  FROM `main_roo`.`roo_runs` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_runs` (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, current_timestamp(), 'running');

-- sync 2: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
DROP VIEW IF EXISTS roo_temporary__withheld;
CREATE TEMPORARY TABLE roo_temporary__withheld AS SELECT k1, min(test) AS test
  FROM (SELECT CAST(m.`id` AS string) AS k1, 'not_null_city' AS test
  FROM main.customers m
  WHERE EXISTS (SELECT 1
  FROM main.customers f
  WHERE CAST(f.`id` AS string) = CAST(m.`id` AS string))) x
  GROUP BY k1;
SELECT CAST(o.`key__id` AS string), EXISTS (SELECT 1
  FROM `main_roo`.`snapshot__people` s
  WHERE CAST(o.`key__id` AS string) = CAST(s.`key__id` AS string)), w.test
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) o
  JOIN roo_temporary__withheld w ON CAST(o.`key__id` AS string) = w.k1
  ORDER BY 1 LIMIT 5;
SELECT count(*), count(CASE WHEN c.`key__id` IS NULL THEN 1 END)
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) c;
DROP VIEW IF EXISTS roo_temporary__duplicates;
CREATE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c.`key__id` AS string) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c.`key__id`) AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r.`email` AS string))), '') AS identifier
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r.`email` AS string))), '') AS identifier
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
DROP VIEW IF EXISTS roo_temporary__candidates;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c.`key__id`, s.`key__id`) AS bigint) AS `key__id`, c.`email` AS `n_email`, s.`email` AS `o_email`, c.`home_city` AS `n_home_city`, s.`home_city` AS `o_home_city`, c.`ltv` AS `n_ltv`, s.`ltv` AS `o_ltv`, c.`spent` AS `n_spent`, s.`spent` AS `o_spent`, c.`seen` AS `n_seen`, s.`seen` AS `o_seen`, c.`dob` AS `n_dob`, s.`dob` AS `o_dob`, c.`doc` AS `n_doc`, s.`doc` AS `o_doc`, c.`tags` AS `n_tags`, s.`tags` AS `o_tags`, c.`source` AS `n_source`, s.`source` AS `o_source`, c.`_group_vip` AS `n__group_vip`, s.`_group_vip` AS `o__group_vip`, c.`_groups_segments` AS `n__groups_segments`, s.`_groups_segments` AS `o__groups_segments`, coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS string) AS roo_inherited, CAST(NULL AS string) AS roo_successors
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) c
  FULL JOIN `main_roo`.`snapshot__people` s ON c.`key__id` = s.`key__id`
  WHERE s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT (c.`email` <=> s.`email`)) OR (NOT (c.`home_city` <=> s.`home_city`)) OR (NOT (c.`ltv` <=> s.`ltv`)) OR (NOT (c.`spent` <=> s.`spent`)) OR (NOT (c.`seen` <=> s.`seen`)) OR (NOT (c.`dob` <=> s.`dob`)) OR (NOT (to_json(c.`doc`, map('ignoreNullFields', 'false')) <=> to_json(s.`doc`, map('ignoreNullFields', 'false')))) OR (NOT (to_json(c.`tags`, map('ignoreNullFields', 'false')) <=> to_json(s.`tags`, map('ignoreNullFields', 'false')))) OR (NOT (c.`source` <=> s.`source`)) OR (NOT (c.`_group_vip` <=> s.`_group_vip`)) OR (NOT (to_json(c.`_groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(s.`_groups_segments`, map('ignoreNullFields', 'false')))) OR s.roo_synced_at < current_timestamp() - INTERVAL 2592000 SECONDS));
SELECT count(*)
  FROM roo_temporary__candidates;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_moved), CASE WHEN x.roo_hit THEN true ELSE x.roo_moved END AS roo_moved
  FROM (SELECT x.*, coalesce((x.roo_operation = 'update' AND nullif(lower(trim(CAST(x.`n_email` AS string))), '') <> nullif(lower(trim(CAST(x.`o_email` AS string))), '') AND true), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_claims), CASE WHEN x.roo_hit THEN true ELSE x.roo_claims END AS roo_claims
  FROM (SELECT x.*, coalesce(((x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty) AND EXISTS (SELECT 1
  FROM `main_roo`.`snapshot__people` s
  WHERE true AND nullif(lower(trim(CAST(s.`email` AS string))), '') = coalesce(nullif(lower(trim(CAST(x.`n_email` AS string))), ''), nullif(lower(trim(CAST(x.`o_email` AS string))), '')) AND NOT (CAST(s.`key__id` AS string) = CAST(x.`key__id` AS string)))), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_claims;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_inherited), CASE WHEN h.roo_hit THEN h.found ELSE x.roo_inherited END AS roo_inherited
  FROM roo_temporary__candidates x
  LEFT JOIN (SELECT h.*, true AS roo_hit
  FROM (SELECT nullif(lower(trim(CAST(s.`email` AS string))), '') AS identifier, '[' || array_join(collect_list(('{"@group:VIP":' || coalesce(CAST(s.`_group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(s.`_groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}')), ',') || ']' AS found
  FROM `main_roo`.`snapshot__people` s
  WHERE (s.`_group_vip` IS NOT NULL OR s.`_groups_segments` IS NOT NULL) AND nullif(lower(trim(CAST(s.`email` AS string))), '') IN (SELECT coalesce(nullif(lower(trim(CAST(x.`n_email` AS string))), ''), nullif(lower(trim(CAST(x.`o_email` AS string))), ''))
  FROM roo_temporary__candidates x
  WHERE x.roo_claims)
  GROUP BY 1) h) h ON x.roo_claims AND h.identifier = coalesce(nullif(lower(trim(CAST(x.`n_email` AS string))), ''), nullif(lower(trim(CAST(x.`o_email` AS string))), ''));
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM `main_roo`.`roo_former_identifiers`
  WHERE app = 'iterable' AND fields = '["email"]') f;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_dirty), CASE WHEN x.roo_hit THEN true ELSE x.roo_dirty END AS roo_dirty
  FROM (SELECT x.*, coalesce(((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND x.roo_claims), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_moved;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_shared), CASE WHEN x.roo_hit THEN true ELSE x.roo_shared END AS roo_shared
  FROM (SELECT x.*, coalesce((x.roo_moved AND EXISTS (SELECT 1
  FROM `main_roo`.`snapshot__people` s
  WHERE NOT false AND nullif(lower(trim(CAST(s.`email` AS string))), '') = nullif(lower(trim(CAST(x.`o_email` AS string))), '') AND NOT (CAST(s.`key__id` AS string) = CAST(x.`key__id` AS string)))), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_shared), CASE WHEN x.roo_hit THEN true ELSE x.roo_shared END AS roo_shared
  FROM (SELECT x.*, coalesce((x.roo_moved AND x.roo_dirty AND EXISTS (SELECT 1
  FROM roo_temporary__candidates y
  WHERE (y.roo_operation = 'create' OR y.roo_moved OR (y.roo_departed AND y.roo_operation = 'update')) AND nullif(lower(trim(CAST(y.`n_email` AS string))), '') = nullif(lower(trim(CAST(x.`o_email` AS string))), '') AND NOT (CAST(x.`key__id` AS string) = CAST(y.`key__id` AS string)))), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_shared;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_vacated), CASE WHEN x.roo_hit THEN true ELSE x.roo_vacated END AS roo_vacated
  FROM (SELECT x.*, coalesce((((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM roo_temporary__candidates y
  WHERE y.roo_moved AND nullif(lower(trim(CAST(y.`o_email` AS string))), '') = nullif(lower(trim(CAST(x.`n_email` AS string))), ''))), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_vacated), CASE WHEN x.roo_hit THEN true ELSE x.roo_vacated END AS roo_vacated
  FROM (SELECT x.*, coalesce((((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM `main_roo`.`roo_unaccepted` u
  WHERE u.destination = 'people' AND u.key = CAST(x.`key__id` AS string) AND u.code = 'conflict')), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (`o__group_vip`, `o__groups_segments`), CASE WHEN h.roo_hit THEN h.`_group_vip` ELSE x.`o__group_vip` END AS `o__group_vip`, CASE WHEN h.roo_hit THEN h.`_groups_segments` ELSE x.`o__groups_segments` END AS `o__groups_segments`
  FROM roo_temporary__candidates x
  LEFT JOIN (SELECT h.*, true AS roo_hit
  FROM (SELECT nullif(lower(trim(CAST(s.`email` AS string))), '') AS identifier, bool_or(s.`_group_vip`) AS `_group_vip`, max(s.`_groups_segments`) AS `_groups_segments`
  FROM `main_roo`.`snapshot__people` s
  GROUP BY 1) h) h ON x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x.`n_email` AS string))), '');
SELECT count(CASE WHEN roo_departed IS NOT NULL THEN 1 END), count(CASE WHEN NOT roo_departed THEN 1 END)
  FROM `main_roo`.`snapshot__people` s;
SELECT count(CASE WHEN roo_operation IN ('create') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') THEN 1 END)
  FROM roo_temporary__candidates;
SELECT CAST(c.`key__id` AS string), count(*), count(*) OVER ()
  FROM (SELECT *
  FROM roo_temporary__candidates
  WHERE roo_operation = 'create') c
  GROUP BY c.`key__id` HAVING count(*) > 1
  ORDER BY c.`key__id` LIMIT 5;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart');
DROP VIEW IF EXISTS roo_temporary__holders;
CREATE TEMPORARY TABLE roo_temporary__holders AS SELECT identifier, min(holder) AS holder, max(shared_1) AS shared_1, max(shared_2) AS shared_2
  FROM (SELECT r.identifier, r.holder, 1 AS shared_1, 1 AS shared_2
  FROM (SELECT nullif(lower(trim(CAST(c.`email` AS string))), '') AS identifier, 'record ' || CAST(c.`key__id` AS string) || ' still has the same identifier' AS holder
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `city` AS `home_city`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) c) r
  UNION ALL SELECT r.identifier, r.holder, 0 AS shared_1, 0 AS shared_2
  FROM (SELECT u.identifier, 'destination leads still has the same identifier' AS holder
  FROM (SELECT CAST(`email` AS string) AS identifier
  FROM main.customers
  WHERE CAST(`email` AS string) IS NULL) u) r) o
  WHERE identifier IN (SELECT nullif(lower(trim(CAST(x.`o_email` AS string))), '') AS identifier
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart'))
  GROUP BY identifier;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (`n_email`, `n_home_city`, `n_ltv`, `n_spent`, `n_seen`, `n_dob`, `n_doc`, `n_tags`, `n_source`, `n__group_vip`, `n__groups_segments`, roo_operation), CASE WHEN h.roo_hit THEN x.`o_email` ELSE x.`n_email` END AS `n_email`, CASE WHEN h.roo_hit THEN x.`o_home_city` ELSE x.`n_home_city` END AS `n_home_city`, CASE WHEN h.roo_hit THEN x.`o_ltv` ELSE x.`n_ltv` END AS `n_ltv`, CASE WHEN h.roo_hit THEN x.`o_spent` ELSE x.`n_spent` END AS `n_spent`, CASE WHEN h.roo_hit THEN x.`o_seen` ELSE x.`n_seen` END AS `n_seen`, CASE WHEN h.roo_hit THEN x.`o_dob` ELSE x.`n_dob` END AS `n_dob`, CASE WHEN h.roo_hit THEN x.`o_doc` ELSE x.`n_doc` END AS `n_doc`, CASE WHEN h.roo_hit THEN x.`o_tags` ELSE x.`n_tags` END AS `n_tags`, CASE WHEN h.roo_hit THEN x.`o_source` ELSE x.`n_source` END AS `n_source`, CASE WHEN h.roo_hit THEN CASE WHEN h.shared_1 = 1 THEN x.`o__group_vip` END ELSE x.`n__group_vip` END AS `n__group_vip`, CASE WHEN h.roo_hit THEN CASE WHEN h.shared_2 = 1 THEN x.`o__groups_segments` END ELSE x.`n__groups_segments` END AS `n__groups_segments`, CASE WHEN h.roo_hit THEN 'depart' ELSE x.roo_operation END AS roo_operation
  FROM roo_temporary__candidates x
  LEFT JOIN (SELECT h.*, true AS roo_hit
  FROM roo_temporary__holders h) h ON x.roo_operation IN ('delete', 'depart') AND ((x.`o__group_vip` IS NOT NULL AND h.shared_1 = 0) OR (x.`o__groups_segments` IS NOT NULL AND h.shared_2 = 0)) AND nullif(lower(trim(CAST(x.`o_email` AS string))), '') = h.identifier;
DROP TABLE IF EXISTS `main_roo`.`roo_new__changes__people`;
CREATE TABLE `main_roo`.`roo_new__changes__people` AS SELECT row_number() OVER (ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create') AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x.`o__group_vip` IS NOT NULL AND h.shared_1 = 0) OR (x.`o__groups_segments` IS NOT NULL AND h.shared_2 = 0))) THEN 'skipped' WHEN u.status = 'skipped' THEN 'skipped' WHEN u.status = 'unknown' THEN 'unknown' END AS roo_status, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x.`o__group_vip` IS NOT NULL AND h.shared_1 = 0) OR (x.`o__groups_segments` IS NOT NULL AND h.shared_2 = 0))) THEN 'conflict' WHEN u.status = 'skipped' THEN 'absent' WHEN u.status = 'unknown' THEN 'ambiguous' END AS roo_code, CASE WHEN h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x.`o__group_vip` IS NOT NULL AND h.shared_1 = 0) OR (x.`o__groups_segments` IS NOT NULL AND h.shared_2 = 0))) THEN 'not removed: ' || h.holder WHEN u.status = 'skipped' THEN u.message WHEN u.status = 'unknown' THEN u.message END AS roo_message, coalesce((u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR false)), false) AS roo_held
  FROM (SELECT y.*, CAST(y.`key__id` AS string) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN roo_temporary__holders h ON x.roo_operation IN ('delete', 'depart') AND nullif(lower(trim(CAST(x.`o_email` AS string))), '') = h.identifier
  LEFT JOIN `main_roo`.`roo_unaccepted` u ON u.destination = 'people' AND u.key = x.roo_key AND u.permanent AND u.operation = CASE WHEN x.roo_operation = 'depart' THEN 'update' ELSE x.roo_operation END AND (u.status = 'unknown' OR u.fingerprint = md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"home_city":' || coalesce(CASE WHEN `n_home_city` IS NOT NULL THEN substring(to_json(array(`n_home_city`)), 2, length(to_json(array(`n_home_city`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN NOT (isnan(`n_ltv`) OR abs(`n_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`n_ltv` AS string) LIKE '%.%' OR CAST(`n_ltv` AS string) LIKE '%e%' THEN CAST(`n_ltv` AS string) ELSE CAST(`n_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`n_ltv` AS string) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}') END)) AND (u.status <> 'skipped' OR u.last_at > current_timestamp() - INTERVAL 604800 SECONDS)
  WHERE NOT (x.roo_operation IN ('delete', 'depart') AND x.roo_departed AND h.holder IS NOT NULL AND NOT (x.roo_operation = 'depart' AND ((x.`o__group_vip` IS NOT NULL AND h.shared_1 = 0) OR (x.`o__groups_segments` IS NOT NULL AND h.shared_2 = 0))))) z
  ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create';
DROP TABLE IF EXISTS `main_roo`.`changes__people`;
ALTER TABLE `main_roo`.`roo_new__changes__people` RENAME TO `main_roo`.`changes__people`;
DROP VIEW IF EXISTS roo_temporary__candidates;
DROP VIEW IF EXISTS roo_temporary__duplicates;
DROP VIEW IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END)
  FROM `main_roo`.`changes__people`;
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM `main_roo`.`changes__people`
  WHERE roo_seq <= 6;
SELECT count(*)
  FROM `main_roo`.`changes__people`
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND `o__group_vip` IS NOT NULL AND `n__group_vip` IS NULL;
SELECT name, count(*)
  FROM (SELECT explode(array_except(`o__groups_segments`, coalesce(`n__groups_segments`, CAST(array() AS array<string>)))) AS name
  FROM `main_roo`.`changes__people`
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND `o__groups_segments` IS NOT NULL) e
  GROUP BY name;
SELECT count(CASE WHEN (roo_operation = 'create' AND `n_email` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_email` <=> `o_email`)) OR roo_dirty) OR (roo_whole AND `n_email` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_home_city` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_home_city` <=> `o_home_city`)) OR roo_dirty) OR (roo_whole AND `n_home_city` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_ltv` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_ltv` <=> `o_ltv`)) OR roo_dirty) OR (roo_whole AND `n_ltv` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_spent` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_spent` <=> `o_spent`)) OR roo_dirty) OR (roo_whole AND `n_spent` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_seen` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_seen` <=> `o_seen`)) OR roo_dirty) OR (roo_whole AND `n_seen` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_dob` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_dob` <=> `o_dob`)) OR roo_dirty) OR (roo_whole AND `n_dob` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_doc` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (to_json(`n_doc`, map('ignoreNullFields', 'false')) <=> to_json(`o_doc`, map('ignoreNullFields', 'false')))) OR roo_dirty) OR (roo_whole AND `n_doc` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_tags` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (to_json(`n_tags`, map('ignoreNullFields', 'false')) <=> to_json(`o_tags`, map('ignoreNullFields', 'false')))) OR roo_dirty) OR (roo_whole AND `n_tags` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_source` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_source` <=> `o_source`)) OR roo_dirty) OR (roo_whole AND `n_source` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n__group_vip` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n__group_vip` <=> `o__group_vip`)) OR roo_dirty) OR (roo_whole AND `n__group_vip` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n__groups_segments` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (to_json(`n__groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(`o__groups_segments`, map('ignoreNullFields', 'false')))) OR roo_dirty) OR (roo_whole AND `n__groups_segments` IS NOT NULL))) THEN 1 END)
  FROM `main_roo`.`changes__people`
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 6;
SELECT DISTINCT roo_inherited
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND (`n__group_vip` IS NOT NULL OR `o__group_vip` IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT explode(concat(coalesce(`n__groups_segments`, CAST(array() AS array<string>)), coalesce(`o__groups_segments`, CAST(array() AS array<string>)))) AS name
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 6 AND roo_operation <> 'delete' AND (`n__groups_segments` IS NOT NULL OR `o__groups_segments` IS NOT NULL)) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM `main_roo`.`changes__people`
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 6
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
SELECT 'held', u.code, count(*), min(u.message)
  FROM `main_roo`.`changes__people` c
  JOIN `main_roo`.`roo_unaccepted` u ON u.key = c.roo_key AND u.destination = ?
  WHERE c.roo_held
  GROUP BY u.code
  ORDER BY count(*) DESC, 2 LIMIT 20;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_destinations` (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, current_timestamp()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_destinations`
  WHERE destination = ?);
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, unique_id, app, object, endpoint, workspace, key_columns, identifier), CASE WHEN r.roo_hit THEN ? ELSE r.unique_id END AS unique_id, CASE WHEN r.roo_hit THEN ? ELSE r.app END AS app, CASE WHEN r.roo_hit THEN ? ELSE r.object END AS object, CASE WHEN r.roo_hit THEN ? ELSE r.endpoint END AS endpoint, CASE WHEN r.roo_hit THEN ? ELSE r.workspace END AS workspace, CASE WHEN r.roo_hit THEN ? ELSE r.key_columns END AS key_columns, CASE WHEN r.roo_hit THEN ? ELSE r.identifier END AS identifier
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, pending_run, pending_shape, updated_at), CASE WHEN r.roo_hit THEN ? ELSE r.pending_run END AS pending_run, CASE WHEN r.roo_hit THEN ? ELSE r.pending_shape END AS pending_shape, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.updated_at END AS updated_at
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
SELECT count(*)
  FROM `main_roo`.`changes__people` x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= 6;
SELECT count(*)
  FROM `main_roo`.`changes__people` x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 6;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
CREATE TABLE `main_roo`.`roo_new__snapshot__people` LIKE `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`roo_new__snapshot__people` BY NAME SELECT s.* EXCEPT (roo_hit, roo_dirty), CASE WHEN s.roo_hit THEN true ELSE s.roo_dirty END AS roo_dirty
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 6 AND nullif(lower(trim(CAST(s.`email` AS string))), '') = nullif(lower(trim(CAST(x.`n_email` AS string))), '') AND NOT (CAST(s.`key__id` AS string) = CAST(x.`key__id` AS string)))), false) AS roo_hit
  FROM `main_roo`.`snapshot__people` s) s;
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
ALTER TABLE `main_roo`.`roo_new__snapshot__people` RENAME TO `main_roo`.`snapshot__people`;

-- sync 2: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"home_city":' || coalesce(CASE WHEN `n_home_city` IS NOT NULL THEN substring(to_json(array(`n_home_city`)), 2, length(to_json(array(`n_home_city`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN NOT (isnan(`n_ltv`) OR abs(`n_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`n_ltv` AS string) LIKE '%.%' OR CAST(`n_ltv` AS string) LIKE '%e%' THEN CAST(`n_ltv` AS string) ELSE CAST(`n_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`n_ltv` AS string) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN ('{"email":' || coalesce(CASE WHEN `o_email` IS NOT NULL THEN substring(to_json(array(`o_email`)), 2, length(to_json(array(`o_email`))) - 2) END, 'null') || ',"home_city":' || coalesce(CASE WHEN `o_home_city` IS NOT NULL THEN substring(to_json(array(`o_home_city`)), 2, length(to_json(array(`o_home_city`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN NOT (isnan(`o_ltv`) OR abs(`o_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`o_ltv` AS string) LIKE '%.%' OR CAST(`o_ltv` AS string) LIKE '%e%' THEN CAST(`o_ltv` AS string) ELSE CAST(`o_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`o_ltv` AS string) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`o_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`o_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`o_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`o_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`o_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`o_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`o_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `o_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`o_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`o_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`o_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`o_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `o_source` IS NOT NULL THEN substring(to_json(array(`o_source`)), 2, length(to_json(array(`o_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`o__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`o__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}') END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_email` <=> `o_email`)) OR roo_dirty) THEN 'email' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_email` <=> `o_email`)) OR roo_dirty) THEN 'email' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_email` <=> `o_email`)) OR roo_dirty) THEN 'email' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_home_city` <=> `o_home_city`)) OR roo_dirty) THEN 'home_city' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_home_city` <=> `o_home_city`)) OR roo_dirty) THEN 'home_city' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_home_city` <=> `o_home_city`)) OR roo_dirty) THEN 'home_city' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_ltv` <=> `o_ltv`)) OR roo_dirty) THEN 'ltv' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_ltv` <=> `o_ltv`)) OR roo_dirty) THEN 'ltv' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_ltv` <=> `o_ltv`)) OR roo_dirty) THEN 'ltv' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_spent` <=> `o_spent`)) OR roo_dirty) THEN 'spent' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_spent` <=> `o_spent`)) OR roo_dirty) THEN 'spent' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_spent` <=> `o_spent`)) OR roo_dirty) THEN 'spent' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_seen` <=> `o_seen`)) OR roo_dirty) THEN 'seen' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_seen` <=> `o_seen`)) OR roo_dirty) THEN 'seen' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_seen` <=> `o_seen`)) OR roo_dirty) THEN 'seen' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_dob` <=> `o_dob`)) OR roo_dirty) THEN 'dob' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_dob` <=> `o_dob`)) OR roo_dirty) THEN 'dob' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_dob` <=> `o_dob`)) OR roo_dirty) THEN 'dob' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (to_json(`n_doc`, map('ignoreNullFields', 'false')) <=> to_json(`o_doc`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'doc' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (to_json(`n_doc`, map('ignoreNullFields', 'false')) <=> to_json(`o_doc`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'doc' END)), 2, length(to_json(array(CASE WHEN ((NOT (to_json(`n_doc`, map('ignoreNullFields', 'false')) <=> to_json(`o_doc`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'doc' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (to_json(`n_tags`, map('ignoreNullFields', 'false')) <=> to_json(`o_tags`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'tags' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (to_json(`n_tags`, map('ignoreNullFields', 'false')) <=> to_json(`o_tags`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'tags' END)), 2, length(to_json(array(CASE WHEN ((NOT (to_json(`n_tags`, map('ignoreNullFields', 'false')) <=> to_json(`o_tags`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'tags' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_source` <=> `o_source`)) OR roo_dirty) THEN 'source' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_source` <=> `o_source`)) OR roo_dirty) THEN 'source' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_source` <=> `o_source`)) OR roo_dirty) THEN 'source' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n__group_vip` <=> `o__group_vip`)) OR roo_dirty) THEN '@group:VIP' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n__group_vip` <=> `o__group_vip`)) OR roo_dirty) THEN '@group:VIP' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n__group_vip` <=> `o__group_vip`)) OR roo_dirty) THEN '@group:VIP' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (to_json(`n__groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(`o__groups_segments`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN '@groups:segments' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (to_json(`n__groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(`o__groups_segments`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN '@groups:segments' END)), 2, length(to_json(array(CASE WHEN ((NOT (to_json(`n__groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(`o__groups_segments`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN '@groups:segments' END))) - 2) END, ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM `main_roo`.`changes__people`
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO `main_roo`.`roo_acknowledged` VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO `main_roo`.`roo_acknowledged` VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO `main_roo`.`roo_acknowledged` VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 2: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP VIEW IF EXISTS roo_temporary__answered;
CREATE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT explode(sequence(first_seq, last_seq)) AS roo_seq, status, code, message, permanent
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 2' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 2' AND status IN ('written', 'renamed', 'lost');
DROP VIEW IF EXISTS roo_temporary__traced;
CREATE TEMPORARY TABLE roo_temporary__traced AS SELECT t.roo_seq, min(CASE WHEN t.status = 'renamed' THEN 0 ELSE 1 END) = 0 AS renamed, max(CASE WHEN t.status IN ('lost', 'leaving') THEN 1 ELSE 0 END) = 1 AS lost, max(CASE WHEN t.status IN ('written', 'renamed') THEN 1 ELSE 0 END) = 1 AS partly
  FROM (SELECT explode(sequence(first_seq, last_seq)) AS roo_seq, status, code, message, permanent
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 2' AND status IN ('written', 'renamed', 'lost')) t
  JOIN `main_roo`.`changes__people` c ON c.roo_seq = t.roo_seq
  WHERE c.roo_status IS NULL AND NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = t.roo_seq AND (a.status = 'accepted' OR t.status = 'leaving'))
  GROUP BY t.roo_seq;
SELECT count(*)
  FROM roo_temporary__traced;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
CREATE TABLE `main_roo`.`roo_new__snapshot__people` LIKE `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`roo_new__snapshot__people` BY NAME SELECT s.*
  FROM `main_roo`.`snapshot__people` s
  WHERE NOT coalesce((EXISTS (SELECT 1
  FROM (SELECT c.`key__id`
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE x.`key__id` = s.`key__id`)), false);
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
ALTER TABLE `main_roo`.`roo_new__snapshot__people` RENAME TO `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`snapshot__people` (`key__id`, `email`, `home_city`, `ltv`, `spent`, `seen`, `dob`, `doc`, `tags`, `source`, `_group_vip`, `_groups_segments`, roo_departed, roo_dirty, roo_whole, roo_synced_at) SELECT c.`key__id`, c.`n_email`, c.`n_home_city`, c.`n_ltv`, c.`n_spent`, c.`n_seen`, c.`n_dob`, c.`n_doc`, c.`n_tags`, c.`n_source`, c.`n__group_vip`, c.`n__groups_segments`, c.roo_operation IN ('depart', 'delete'), (c.roo_operation = 'depart' AND (c.roo_dirty OR false)), false, current_timestamp()
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
CREATE TABLE `main_roo`.`roo_new__snapshot__people` LIKE `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`roo_new__snapshot__people` BY NAME SELECT s.* EXCEPT (roo_hit, roo_departed), CASE WHEN s.roo_hit THEN true ELSE s.roo_departed END AS roo_departed
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c.`key__id` = s.`key__id`)), false) AS roo_hit
  FROM `main_roo`.`snapshot__people` s) s;
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
ALTER TABLE `main_roo`.`roo_new__snapshot__people` RENAME TO `main_roo`.`snapshot__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
CREATE TABLE `main_roo`.`roo_new__snapshot__people` LIKE `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`roo_new__snapshot__people` BY NAME SELECT s.* EXCEPT (roo_hit, roo_dirty), CASE WHEN s.roo_hit THEN true ELSE s.roo_dirty END AS roo_dirty
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c.`key__id` = s.`key__id`)), false) AS roo_hit
  FROM `main_roo`.`snapshot__people` s) s;
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
ALTER TABLE `main_roo`.`roo_new__snapshot__people` RENAME TO `main_roo`.`snapshot__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
CREATE TABLE `main_roo`.`roo_new__snapshot__people` LIKE `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`roo_new__snapshot__people` BY NAME SELECT s.* EXCEPT (roo_departed, roo_dirty, roo_whole, `email`, `home_city`, `ltv`, `spent`, `seen`, `dob`, `doc`, `tags`, `source`, `_group_vip`, `_groups_segments`), CASE WHEN c.roo_hit THEN CASE WHEN c.roo_operation = 'update' THEN false ELSE s.roo_departed END ELSE s.roo_departed END AS roo_departed, CASE WHEN c.roo_hit THEN s.roo_departed IS NOT NULL ELSE s.roo_dirty END AS roo_dirty, CASE WHEN c.roo_hit THEN true ELSE s.roo_whole END AS roo_whole, CASE WHEN c.roo_hit THEN CASE WHEN c.roo_renamed THEN c.`n_email` WHEN s.roo_departed IS NULL THEN coalesce(c.`n_email`, s.`email`) ELSE s.`email` END ELSE s.`email` END AS `email`, CASE WHEN c.roo_hit THEN CASE WHEN s.roo_departed IS NULL THEN coalesce(c.`n_home_city`, s.`home_city`) ELSE s.`home_city` END ELSE s.`home_city` END AS `home_city`, CASE WHEN c.roo_hit THEN CASE WHEN s.roo_departed IS NULL THEN coalesce(c.`n_ltv`, s.`ltv`) ELSE s.`ltv` END ELSE s.`ltv` END AS `ltv`, CASE WHEN c.roo_hit THEN CASE WHEN s.roo_departed IS NULL THEN coalesce(c.`n_spent`, s.`spent`) ELSE s.`spent` END ELSE s.`spent` END AS `spent`, CASE WHEN c.roo_hit THEN CASE WHEN s.roo_departed IS NULL THEN coalesce(c.`n_seen`, s.`seen`) ELSE s.`seen` END ELSE s.`seen` END AS `seen`, CASE WHEN c.roo_hit THEN CASE WHEN s.roo_departed IS NULL THEN coalesce(c.`n_dob`, s.`dob`) ELSE s.`dob` END ELSE s.`dob` END AS `dob`, CASE WHEN c.roo_hit THEN CASE WHEN s.roo_departed IS NULL THEN coalesce(c.`n_doc`, s.`doc`) ELSE s.`doc` END ELSE s.`doc` END AS `doc`, CASE WHEN c.roo_hit THEN CASE WHEN s.roo_departed IS NULL THEN coalesce(c.`n_tags`, s.`tags`) ELSE s.`tags` END ELSE s.`tags` END AS `tags`, CASE WHEN c.roo_hit THEN CASE WHEN s.roo_departed IS NULL THEN coalesce(c.`n_source`, s.`source`) ELSE s.`source` END ELSE s.`source` END AS `source`, CASE WHEN c.roo_hit THEN CASE WHEN NOT c.roo_lost THEN coalesce(s.`_group_vip`, c.`n__group_vip`) ELSE CASE WHEN (s.`_group_vip` <=> c.`n__group_vip`) THEN s.`_group_vip` ELSE false END END ELSE s.`_group_vip` END AS `_group_vip`, CASE WHEN c.roo_hit THEN CASE WHEN size(array_sort(array_distinct(filter(CAST(concat(coalesce(s.`_groups_segments`, CAST(array() AS array<string>)), coalesce(c.`n__groups_segments`, CAST(array() AS array<string>))) AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(concat(coalesce(s.`_groups_segments`, CAST(array() AS array<string>)), coalesce(c.`n__groups_segments`, CAST(array() AS array<string>))) AS array<string>), e -> trim(e) <> ''))) END ELSE s.`_groups_segments` END AS `_groups_segments`
  FROM `main_roo`.`snapshot__people` s
  LEFT JOIN (SELECT c.*, true AS roo_hit
  FROM (SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq) c) c ON CAST(c.`key__id` AS string) = CAST(s.`key__id` AS string) AND (c.roo_operation <> 'create' OR s.roo_departed IS NULL);
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
ALTER TABLE `main_roo`.`roo_new__snapshot__people` RENAME TO `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`snapshot__people` (`key__id`, `email`, `home_city`, `ltv`, `spent`, `seen`, `dob`, `doc`, `tags`, `source`, `_group_vip`, `_groups_segments`, roo_departed, roo_dirty, roo_whole, roo_synced_at) SELECT CAST(c.`key__id` AS bigint), c.`n_email`, c.`n_home_city`, c.`n_ltv`, c.`n_spent`, c.`n_seen`, c.`n_dob`, c.`n_doc`, c.`n_tags`, c.`n_source`, CASE WHEN c.roo_lost THEN NOT c.`n__group_vip` ELSE c.`n__group_vip` END, c.`n__groups_segments`, CASE WHEN c.roo_partly THEN false END, false, true, current_timestamp()
  FROM (SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq) c
  WHERE c.roo_operation = 'create' AND NOT EXISTS (SELECT 1
  FROM `main_roo`.`snapshot__people` s
  WHERE CAST(c.`key__id` AS string) = CAST(s.`key__id` AS string));
INSERT INTO `main_roo`.`roo_former_identifiers` (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, current_timestamp()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c.`o_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`o_email` AS string) END AS identifier, CASE WHEN nullif(trim(CAST(c.`n_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`n_email` AS string) END AS went_to
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__traced t ON t.roo_seq = c.roo_seq
  WHERE t.renamed AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c.`o_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`o_email` AS string) END <> CASE WHEN nullif(trim(CAST(c.`n_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`n_email` AS string) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_former_identifiers` f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
INSERT INTO `main_roo`.`roo_outcomes` SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, current_timestamp()
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_outcomes` o
  WHERE o.run_id = ? AND o.destination = ? AND o.key = c.roo_key);
INSERT INTO `main_roo`.`roo_former_identifiers` (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, current_timestamp()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c.`o_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`o_email` AS string) END AS identifier, CASE WHEN nullif(trim(CAST(c.`n_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`n_email` AS string) END AS went_to
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c.`o_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`o_email` AS string) END <> CASE WHEN nullif(trim(CAST(c.`n_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`n_email` AS string) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_former_identifiers` f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP VIEW IF EXISTS roo_temporary__failed;
CREATE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, current_timestamp()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"home_city":' || coalesce(CASE WHEN `n_home_city` IS NOT NULL THEN substring(to_json(array(`n_home_city`)), 2, length(to_json(array(`n_home_city`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN NOT (isnan(`n_ltv`) OR abs(`n_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`n_ltv` AS string) LIKE '%.%' OR CAST(`n_ltv` AS string) LIKE '%e%' THEN CAST(`n_ltv` AS string) ELSE CAST(`n_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`n_ltv` AS string) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}') END) AS fingerprint
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN `main_roo`.`roo_unaccepted` u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_unaccepted`;
CREATE TABLE `main_roo`.`roo_new__roo_unaccepted` LIKE `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_new__roo_unaccepted` BY NAME SELECT u.*
  FROM `main_roo`.`roo_unaccepted` u
  WHERE NOT coalesce((u.destination = ? AND EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'))), false);
DROP TABLE IF EXISTS `main_roo`.`roo_unaccepted`;
ALTER TABLE `main_roo`.`roo_new__roo_unaccepted` RENAME TO `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_unaccepted` SELECT ?, roo_key, operation, status, code, message, attempts, first_at, current_timestamp(), permanent, fingerprint
  FROM roo_temporary__failed;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, snapshot_shape, pending_run, pending_shape, updated_at), CASE WHEN r.roo_hit THEN ? ELSE r.snapshot_shape END AS snapshot_shape, CASE WHEN r.roo_hit THEN NULL ELSE r.pending_run END AS pending_run, CASE WHEN r.roo_hit THEN ? ELSE r.pending_shape END AS pending_shape, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.updated_at END AS updated_at
  FROM (SELECT r.*, coalesce((destination = ? AND pending_run = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_acknowledged`;
CREATE TABLE `main_roo`.`roo_new__roo_acknowledged` LIKE `main_roo`.`roo_acknowledged`;
INSERT INTO `main_roo`.`roo_new__roo_acknowledged` BY NAME SELECT r.*
  FROM `main_roo`.`roo_acknowledged` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_acknowledged`;
ALTER TABLE `main_roo`.`roo_new__roo_acknowledged` RENAME TO `main_roo`.`roo_acknowledged`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__changes__people`;
DROP TABLE IF EXISTS `main_roo`.`changes__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.* EXCEPT (roo_hit, finished_at, status, message, model_rows, created, updated, deleted, unchanged, skipped, failed, unknown, held, requests, retries, overrides), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.finished_at END AS finished_at, CASE WHEN r.roo_hit THEN ? ELSE r.status END AS status, CASE WHEN r.roo_hit THEN ? ELSE r.message END AS message, CASE WHEN r.roo_hit THEN ? ELSE r.model_rows END AS model_rows, CASE WHEN r.roo_hit THEN ? ELSE r.created END AS created, CASE WHEN r.roo_hit THEN ? ELSE r.updated END AS updated, CASE WHEN r.roo_hit THEN ? ELSE r.deleted END AS deleted, CASE WHEN r.roo_hit THEN ? ELSE r.unchanged END AS unchanged, CASE WHEN r.roo_hit THEN ? ELSE r.skipped END AS skipped, CASE WHEN r.roo_hit THEN ? ELSE r.failed END AS failed, CASE WHEN r.roo_hit THEN ? ELSE r.unknown END AS unknown, CASE WHEN r.roo_hit THEN ? ELSE r.held END AS held, CASE WHEN r.roo_hit THEN ? ELSE r.requests END AS requests, CASE WHEN r.roo_hit THEN ? ELSE r.retries END AS retries, CASE WHEN r.roo_hit THEN coalesce(?, overrides) ELSE r.overrides END AS overrides
  FROM (SELECT r.*, coalesce((run_id = ? AND destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_runs` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_outcomes`;
CREATE TABLE `main_roo`.`roo_new__roo_outcomes` LIKE `main_roo`.`roo_outcomes`;
INSERT INTO `main_roo`.`roo_new__roo_outcomes` BY NAME SELECT r.*
  FROM `main_roo`.`roo_outcomes` r
  WHERE NOT coalesce((destination = ? AND time < current_timestamp() - INTERVAL 2592000 SECONDS), false);
DROP TABLE IF EXISTS `main_roo`.`roo_outcomes`;
ALTER TABLE `main_roo`.`roo_new__roo_outcomes` RENAME TO `main_roo`.`roo_outcomes`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.*
  FROM `main_roo`.`roo_runs` r
  WHERE NOT coalesce((destination = ? AND started_at < current_timestamp() - INTERVAL 2592000 SECONDS), false);
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, run_id), CASE WHEN r.roo_hit THEN NULL ELSE r.run_id END AS run_id
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;

-- sync 3: the lock
INSERT INTO `main_roo`.`roo_locks` (destination) SELECT ?
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_locks`
  WHERE destination = ?);
SELECT host, pid, run_id
  FROM `main_roo`.`roo_locks`
  WHERE destination = ?;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, run_id, host, pid, taken_at, heartbeat_at), CASE WHEN r.roo_hit THEN ? ELSE r.run_id END AS run_id, CASE WHEN r.roo_hit THEN ? ELSE r.host END AS host, CASE WHEN r.roo_hit THEN ? ELSE r.pid END AS pid, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.taken_at END AS taken_at, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND (run_id IS NULL OR run_id = ? OR heartbeat_at < current_timestamp() - INTERVAL 60 SECONDS)), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.* EXCEPT (roo_hit, status, finished_at, message), CASE WHEN r.roo_hit THEN 'error' ELSE r.status END AS status, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.finished_at END AS finished_at, CASE WHEN r.roo_hit THEN 'interrupted; what it had confirmed was folded in by the next run' ELSE r.message END AS message
  FROM (SELECT r.*, coalesce((destination = ? AND run_id <> ? AND status = 'running'), false) AS roo_hit
  FROM `main_roo`.`roo_runs` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_runs` (run_id, destination, unique_id, app, object, target, host, pid, started_at, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, current_timestamp(), 'running');

-- sync 3: the diff
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
SELECT count(*), count(CASE WHEN c.`key__id` IS NULL THEN 1 END)
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) c;
DROP VIEW IF EXISTS roo_temporary__duplicates;
CREATE TEMPORARY TABLE roo_temporary__duplicates AS SELECT identifier, roo_key
  FROM (SELECT c.identifier, CAST(c.`key__id` AS string) AS roo_key, row_number() OVER (PARTITION BY c.identifier
  ORDER BY c.`key__id`) AS place
  FROM (SELECT r.*, nullif(lower(trim(CAST(r.`email` AS string))), '') AS identifier
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) r) c
  WHERE c.identifier IN (SELECT identifier
  FROM (SELECT r.*, nullif(lower(trim(CAST(r.`email` AS string))), '') AS identifier
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) r) d
  WHERE identifier IS NOT NULL
  GROUP BY identifier HAVING count(*) > 1)) n
  WHERE place = 1;
SELECT count(*)
  FROM roo_temporary__duplicates;
DROP VIEW IF EXISTS roo_temporary__candidates;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' WHEN c.roo_present IS NOT NULL THEN 'update'  ELSE 'delete' END AS roo_operation, CAST(coalesce(c.`key__id`, s.`key__id`) AS bigint) AS `key__id`, c.`email` AS `n_email`, s.`email` AS `o_email`, c.`ltv` AS `n_ltv`, s.`ltv` AS `o_ltv`, c.`spent` AS `n_spent`, s.`spent` AS `o_spent`, c.`seen` AS `n_seen`, s.`seen` AS `o_seen`, c.`dob` AS `n_dob`, s.`dob` AS `o_dob`, c.`doc` AS `n_doc`, s.`doc` AS `o_doc`, c.`tags` AS `n_tags`, s.`tags` AS `o_tags`, c.`source` AS `n_source`, s.`source` AS `o_source`, c.`_group_vip` AS `n__group_vip`, s.`_group_vip` AS `o__group_vip`, c.`_groups_segments` AS `n__groups_segments`, s.`_groups_segments` AS `o__groups_segments`, CAST(NULL AS string) AS `n_home_city`, s.`home_city` AS `o_home_city`, coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false) AS roo_whole, false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, false AS roo_claims, CAST(NULL AS string) AS roo_inherited, CAST(NULL AS string) AS roo_successors
  FROM (SELECT `id` AS `key__id`, `email` AS `email`, `ltv` AS `ltv`, `spent` AS `spent`, `seen_at` AS `seen`, `born` AS `dob`, `doc` AS `doc`, array_sort(array_distinct(filter(`segments`, e -> e IS NOT NULL))) AS `tags`, CAST('warehouse' AS string) AS `source`, CASE WHEN `vip` THEN true END AS `_group_vip`, CASE WHEN size(array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> '')))) > 0 THEN array_sort(array_distinct(filter(CAST(`segments` AS array<string>), e -> trim(e) <> ''))) END AS `_groups_segments`, true AS roo_present
  FROM main.customers
  WHERE ((1 = 1
))) c
  FULL JOIN `main_roo`.`snapshot__people` s ON c.`key__id` = s.`key__id`
  WHERE s.roo_departed IS NULL OR c.roo_present IS NULL OR (c.roo_present AND (s.roo_departed OR s.roo_dirty OR s.roo_whole OR (NOT (c.`email` <=> s.`email`)) OR (NOT ((c.`ltv` <=> try_cast(CAST(s.`ltv` AS string) AS decimal(12,4))) AND (CAST(CASE WHEN regexp_replace(CAST(c.`ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(c.`ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(c.`ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(c.`ltv` AS string), '[.]{0,1}0+$', '') || '.0' END AS string) <=> CAST(CASE WHEN NOT (isnan(s.`ltv`) OR abs(s.`ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(s.`ltv` AS string) LIKE '%.%' OR CAST(s.`ltv` AS string) LIKE '%e%' THEN CAST(s.`ltv` AS string) ELSE CAST(s.`ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(s.`ltv` AS string) || '"' END AS string)))) OR (NOT (c.`spent` <=> s.`spent`)) OR (NOT (c.`seen` <=> s.`seen`)) OR (NOT (c.`dob` <=> s.`dob`)) OR (NOT (to_json(c.`doc`, map('ignoreNullFields', 'false')) <=> to_json(s.`doc`, map('ignoreNullFields', 'false')))) OR (NOT (to_json(c.`tags`, map('ignoreNullFields', 'false')) <=> to_json(s.`tags`, map('ignoreNullFields', 'false')))) OR (NOT (c.`source` <=> s.`source`)) OR (NOT (c.`_group_vip` <=> s.`_group_vip`)) OR (NOT (to_json(c.`_groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(s.`_groups_segments`, map('ignoreNullFields', 'false')))) OR (s.`home_city` IS NOT NULL) OR s.roo_synced_at < current_timestamp() - INTERVAL 2592000 SECONDS));
SELECT count(*)
  FROM roo_temporary__candidates;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_moved), CASE WHEN x.roo_hit THEN true ELSE x.roo_moved END AS roo_moved
  FROM (SELECT x.*, coalesce((x.roo_operation = 'update' AND nullif(lower(trim(CAST(x.`n_email` AS string))), '') <> nullif(lower(trim(CAST(x.`o_email` AS string))), '') AND true), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_claims), CASE WHEN x.roo_hit THEN true ELSE x.roo_claims END AS roo_claims
  FROM (SELECT x.*, coalesce(((x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty) AND EXISTS (SELECT 1
  FROM `main_roo`.`snapshot__people` s
  WHERE true AND nullif(lower(trim(CAST(s.`email` AS string))), '') = coalesce(nullif(lower(trim(CAST(x.`n_email` AS string))), ''), nullif(lower(trim(CAST(x.`o_email` AS string))), '')) AND NOT (CAST(s.`key__id` AS string) = CAST(x.`key__id` AS string)))), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_claims;
SELECT count(*)
  FROM (SELECT identifier, went_to
  FROM `main_roo`.`roo_former_identifiers`
  WHERE app = 'iterable' AND fields = '["email"]') f;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_dirty), CASE WHEN x.roo_hit THEN true ELSE x.roo_dirty END AS roo_dirty
  FROM (SELECT x.*, coalesce(((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND EXISTS (SELECT 1
  FROM (SELECT identifier, went_to
  FROM `main_roo`.`roo_former_identifiers`
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE nullif(lower(trim(CAST(f.identifier AS string))), '') = nullif(lower(trim(CAST(x.`n_email` AS string))), ''))), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_vacated), CASE WHEN x.roo_hit THEN true ELSE x.roo_vacated END AS roo_vacated
  FROM (SELECT x.*, coalesce((((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM (SELECT identifier, went_to
  FROM `main_roo`.`roo_former_identifiers`
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE nullif(lower(trim(CAST(f.identifier AS string))), '') = nullif(lower(trim(CAST(x.`n_email` AS string))), ''))), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_dirty), CASE WHEN x.roo_hit THEN true ELSE x.roo_dirty END AS roo_dirty
  FROM (SELECT x.*, coalesce(((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) AND x.roo_claims), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_moved;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_successors), CASE WHEN h.roo_hit THEN h.found ELSE x.roo_successors END AS roo_successors
  FROM roo_temporary__candidates x
  LEFT JOIN (SELECT h.*, true AS roo_hit
  FROM (SELECT identifier, '[' || array_join(collect_list(('[' || substr(coalesce(',' || CASE WHEN p.went_to IS NOT NULL THEN substring(to_json(array(p.went_to)), 2, length(to_json(array(p.went_to))) - 2) END, ''), 2) || ']')), ',') || ']' AS found
  FROM (SELECT DISTINCT nullif(lower(trim(CAST(f.identifier AS string))), '') AS identifier, f.went_to
  FROM (SELECT identifier, went_to
  FROM `main_roo`.`roo_former_identifiers`
  WHERE app = 'iterable' AND fields = '["email"]') f
  WHERE f.went_to IN (SELECT identifier
  FROM (SELECT identifier, went_to
  FROM `main_roo`.`roo_former_identifiers`
  WHERE app = 'iterable' AND fields = '["email"]') b)) p
  GROUP BY identifier) h) h ON x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x.`n_email` AS string))), '');
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (roo_hit, roo_vacated), CASE WHEN x.roo_hit THEN true ELSE x.roo_vacated END AS roo_vacated
  FROM (SELECT x.*, coalesce((((x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed)) OR x.roo_moved) AND EXISTS (SELECT 1
  FROM `main_roo`.`roo_unaccepted` u
  WHERE u.destination = 'people' AND u.key = CAST(x.`key__id` AS string) AND u.code = 'conflict')), false) AS roo_hit
  FROM roo_temporary__candidates x) x;
CREATE TEMPORARY TABLE roo_temporary__candidates AS SELECT x.* EXCEPT (`o__group_vip`, `o__groups_segments`), CASE WHEN h.roo_hit THEN h.`_group_vip` ELSE x.`o__group_vip` END AS `o__group_vip`, CASE WHEN h.roo_hit THEN h.`_groups_segments` ELSE x.`o__groups_segments` END AS `o__groups_segments`
  FROM roo_temporary__candidates x
  LEFT JOIN (SELECT h.*, true AS roo_hit
  FROM (SELECT nullif(lower(trim(CAST(s.`email` AS string))), '') AS identifier, bool_or(s.`_group_vip`) AS `_group_vip`, max(s.`_groups_segments`) AS `_groups_segments`
  FROM `main_roo`.`snapshot__people` s
  GROUP BY 1) h) h ON x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated AND h.identifier = nullif(lower(trim(CAST(x.`n_email` AS string))), '');
SELECT count(CASE WHEN roo_departed IS NOT NULL THEN 1 END), count(CASE WHEN NOT roo_departed THEN 1 END)
  FROM `main_roo`.`snapshot__people` s;
SELECT count(CASE WHEN roo_operation IN ('create') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') THEN 1 END)
  FROM roo_temporary__candidates;
SELECT CAST(c.`key__id` AS string), count(*), count(*) OVER ()
  FROM (SELECT *
  FROM roo_temporary__candidates
  WHERE roo_operation = 'create') c
  GROUP BY c.`key__id` HAVING count(*) > 1
  ORDER BY c.`key__id` LIMIT 5;
SELECT count(*)
  FROM roo_temporary__candidates x
  WHERE x.roo_operation IN ('delete', 'depart');
DROP TABLE IF EXISTS `main_roo`.`roo_new__changes__people`;
CREATE TABLE `main_roo`.`roo_new__changes__people` AS SELECT row_number() OVER (ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create') AS roo_seq, z.*
  FROM (SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, CASE WHEN u.status = 'skipped' THEN 'skipped' WHEN u.status = 'unknown' THEN 'unknown' END AS roo_status, CASE WHEN u.status = 'skipped' THEN 'absent' WHEN u.status = 'unknown' THEN 'ambiguous' END AS roo_code, CASE WHEN u.status = 'skipped' THEN u.message WHEN u.status = 'unknown' THEN u.message END AS roo_message, coalesce((u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR false)), false) AS roo_held
  FROM (SELECT y.*, CAST(y.`key__id` AS string) AS roo_key
  FROM roo_temporary__candidates y) x
  LEFT JOIN `main_roo`.`roo_unaccepted` u ON u.destination = 'people' AND u.key = x.roo_key AND u.permanent AND u.operation = CASE WHEN x.roo_operation = 'depart' THEN 'update' ELSE x.roo_operation END AND (u.status = 'unknown' OR u.fingerprint = md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}') END)) AND (u.status <> 'skipped' OR u.last_at > current_timestamp() - INTERVAL 604800 SECONDS)
  WHERE NOT false) z
  ORDER BY roo_held, roo_operation IN ('delete', 'depart'), NOT roo_moved, roo_operation = 'create';
DROP TABLE IF EXISTS `main_roo`.`changes__people`;
ALTER TABLE `main_roo`.`roo_new__changes__people` RENAME TO `main_roo`.`changes__people`;
DROP VIEW IF EXISTS roo_temporary__candidates;
DROP VIEW IF EXISTS roo_temporary__duplicates;
DROP VIEW IF EXISTS roo_temporary__holders;
SELECT count(CASE WHEN NOT roo_held THEN 1 END), count(CASE WHEN roo_held THEN 1 END), count(CASE WHEN roo_operation IN ('create', 'update') THEN 1 END), count(CASE WHEN roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode' THEN 1 END), count(CASE WHEN roo_operation = 'update' AND NOT roo_held AND `o_home_city` IS NOT NULL THEN 1 END)
  FROM `main_roo`.`changes__people`;
SELECT count(CASE WHEN roo_status = 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('create') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('update', 'depart') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END), count(CASE WHEN roo_operation IN ('delete') AND coalesce(roo_status, '') <> 'skipped' THEN 1 END)
  FROM `main_roo`.`changes__people`
  WHERE roo_seq <= 4;
SELECT count(*)
  FROM `main_roo`.`changes__people`
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND `o__group_vip` IS NOT NULL AND `n__group_vip` IS NULL;
SELECT name, count(*)
  FROM (SELECT explode(array_except(`o__groups_segments`, coalesce(`n__groups_segments`, CAST(array() AS array<string>)))) AS name
  FROM `main_roo`.`changes__people`
  WHERE roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL AND `o__groups_segments` IS NOT NULL) e
  GROUP BY name;
SELECT count(CASE WHEN (roo_operation = 'create' AND `n_email` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_email` <=> `o_email`)) OR roo_dirty) OR (roo_whole AND `n_email` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_ltv` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT ((`n_ltv` <=> try_cast(CAST(`o_ltv` AS string) AS decimal(12,4))) AND (CAST(CASE WHEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') || '.0' END AS string) <=> CAST(CASE WHEN NOT (isnan(`o_ltv`) OR abs(`o_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`o_ltv` AS string) LIKE '%.%' OR CAST(`o_ltv` AS string) LIKE '%e%' THEN CAST(`o_ltv` AS string) ELSE CAST(`o_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`o_ltv` AS string) || '"' END AS string)))) OR roo_dirty) OR (roo_whole AND `n_ltv` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_spent` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_spent` <=> `o_spent`)) OR roo_dirty) OR (roo_whole AND `n_spent` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_seen` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_seen` <=> `o_seen`)) OR roo_dirty) OR (roo_whole AND `n_seen` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_dob` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_dob` <=> `o_dob`)) OR roo_dirty) OR (roo_whole AND `n_dob` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_doc` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (to_json(`n_doc`, map('ignoreNullFields', 'false')) <=> to_json(`o_doc`, map('ignoreNullFields', 'false')))) OR roo_dirty) OR (roo_whole AND `n_doc` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_tags` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (to_json(`n_tags`, map('ignoreNullFields', 'false')) <=> to_json(`o_tags`, map('ignoreNullFields', 'false')))) OR roo_dirty) OR (roo_whole AND `n_tags` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_source` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n_source` <=> `o_source`)) OR roo_dirty) OR (roo_whole AND `n_source` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n__group_vip` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (`n__group_vip` <=> `o__group_vip`)) OR roo_dirty) OR (roo_whole AND `n__group_vip` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n__groups_segments` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((NOT (to_json(`n__groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(`o__groups_segments`, map('ignoreNullFields', 'false')))) OR roo_dirty) OR (roo_whole AND `n__groups_segments` IS NOT NULL))) THEN 1 END), count(CASE WHEN (roo_operation = 'create' AND `n_home_city` IS NOT NULL) OR (roo_operation IN ('update', 'depart') AND (((`o_home_city` IS NOT NULL) OR roo_dirty) OR (roo_whole AND `n_home_city` IS NOT NULL))) THEN 1 END)
  FROM `main_roo`.`changes__people`
  WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= 4;
SELECT DISTINCT roo_inherited
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND roo_inherited IS NOT NULL;
SELECT 1
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND (`n__group_vip` IS NOT NULL OR `o__group_vip` IS NOT NULL) LIMIT 1;
SELECT DISTINCT name
  FROM (SELECT explode(concat(coalesce(`n__groups_segments`, CAST(array() AS array<string>)), coalesce(`o__groups_segments`, CAST(array() AS array<string>)))) AS name
  FROM `main_roo`.`changes__people`
  WHERE NOT roo_held AND roo_status IS NULL AND roo_seq <= 4 AND roo_operation <> 'delete' AND (`n__groups_segments` IS NOT NULL OR `o__groups_segments` IS NOT NULL)) e;
SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message)
  FROM `main_roo`.`changes__people`
  WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= 4
  GROUP BY roo_status, coalesce(roo_code, '')
  ORDER BY count(*) DESC, 1, 2 LIMIT 20;
SELECT 'held', u.code, count(*), min(u.message)
  FROM `main_roo`.`changes__people` c
  JOIN `main_roo`.`roo_unaccepted` u ON u.key = c.roo_key AND u.destination = ?
  WHERE c.roo_held
  GROUP BY u.code
  ORDER BY count(*) DESC, 2 LIMIT 20;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
CREATE TABLE `main_roo`.`roo_new__snapshot__people` LIKE `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`roo_new__snapshot__people` BY NAME SELECT r.* EXCEPT (roo_hit, roo_whole), CASE WHEN r.roo_hit THEN true ELSE r.roo_whole END AS roo_whole
  FROM (SELECT r.*, coalesce((NOT roo_departed), false) AS roo_hit
  FROM `main_roo`.`snapshot__people` r) r;
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
ALTER TABLE `main_roo`.`roo_new__snapshot__people` RENAME TO `main_roo`.`snapshot__people`;
INSERT INTO `main_roo`.`roo_destinations` (destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, created_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, current_timestamp()
  FROM (SELECT 1 AS one) o
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_destinations`
  WHERE destination = ?);
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, unique_id, app, object, endpoint, workspace, key_columns, identifier), CASE WHEN r.roo_hit THEN ? ELSE r.unique_id END AS unique_id, CASE WHEN r.roo_hit THEN ? ELSE r.app END AS app, CASE WHEN r.roo_hit THEN ? ELSE r.object END AS object, CASE WHEN r.roo_hit THEN ? ELSE r.endpoint END AS endpoint, CASE WHEN r.roo_hit THEN ? ELSE r.workspace END AS workspace, CASE WHEN r.roo_hit THEN ? ELSE r.key_columns END AS key_columns, CASE WHEN r.roo_hit THEN ? ELSE r.identifier END AS identifier
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, pending_run, pending_shape, updated_at), CASE WHEN r.roo_hit THEN ? ELSE r.pending_run END AS pending_run, CASE WHEN r.roo_hit THEN ? ELSE r.pending_shape END AS pending_shape, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.updated_at END AS updated_at
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
SELECT count(*)
  FROM `main_roo`.`changes__people` x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= 4;
SELECT count(*)
  FROM `main_roo`.`changes__people` x
  WHERE x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL AND x.roo_claims AND x.roo_seq <= 4;

-- sync 3: a page, and what became of it
SELECT roo_seq, roo_operation, roo_key, ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || ',"home_city":' || coalesce(CASE WHEN `n_home_city` IS NOT NULL THEN substring(to_json(array(`n_home_city`)), 2, length(to_json(array(`n_home_city`))) - 2) END, 'null') || '}'), CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN ('{"email":' || coalesce(CASE WHEN `o_email` IS NOT NULL THEN substring(to_json(array(`o_email`)), 2, length(to_json(array(`o_email`))) - 2) END, 'null') || ',"home_city":' || coalesce(CASE WHEN `o_home_city` IS NOT NULL THEN substring(to_json(array(`o_home_city`)), 2, length(to_json(array(`o_home_city`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN NOT (isnan(`o_ltv`) OR abs(`o_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`o_ltv` AS string) LIKE '%.%' OR CAST(`o_ltv` AS string) LIKE '%e%' THEN CAST(`o_ltv` AS string) ELSE CAST(`o_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`o_ltv` AS string) || '"' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`o_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`o_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`o_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`o_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`o_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`o_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`o_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `o_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`o_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`o_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`o_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`o_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `o_source` IS NOT NULL THEN substring(to_json(array(`o_source`)), 2, length(to_json(array(`o_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`o__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`o__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}') END, CASE WHEN roo_operation IN ('update', 'depart') THEN ('[' || substr(coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_email` <=> `o_email`)) OR roo_dirty) THEN 'email' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_email` <=> `o_email`)) OR roo_dirty) THEN 'email' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_email` <=> `o_email`)) OR roo_dirty) THEN 'email' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT ((`n_ltv` <=> try_cast(CAST(`o_ltv` AS string) AS decimal(12,4))) AND (CAST(CASE WHEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') || '.0' END AS string) <=> CAST(CASE WHEN NOT (isnan(`o_ltv`) OR abs(`o_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`o_ltv` AS string) LIKE '%.%' OR CAST(`o_ltv` AS string) LIKE '%e%' THEN CAST(`o_ltv` AS string) ELSE CAST(`o_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`o_ltv` AS string) || '"' END AS string)))) OR roo_dirty) THEN 'ltv' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT ((`n_ltv` <=> try_cast(CAST(`o_ltv` AS string) AS decimal(12,4))) AND (CAST(CASE WHEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') || '.0' END AS string) <=> CAST(CASE WHEN NOT (isnan(`o_ltv`) OR abs(`o_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`o_ltv` AS string) LIKE '%.%' OR CAST(`o_ltv` AS string) LIKE '%e%' THEN CAST(`o_ltv` AS string) ELSE CAST(`o_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`o_ltv` AS string) || '"' END AS string)))) OR roo_dirty) THEN 'ltv' END)), 2, length(to_json(array(CASE WHEN ((NOT ((`n_ltv` <=> try_cast(CAST(`o_ltv` AS string) AS decimal(12,4))) AND (CAST(CASE WHEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') || '.0' END AS string) <=> CAST(CASE WHEN NOT (isnan(`o_ltv`) OR abs(`o_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(`o_ltv` AS string) LIKE '%.%' OR CAST(`o_ltv` AS string) LIKE '%e%' THEN CAST(`o_ltv` AS string) ELSE CAST(`o_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(`o_ltv` AS string) || '"' END AS string)))) OR roo_dirty) THEN 'ltv' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_spent` <=> `o_spent`)) OR roo_dirty) THEN 'spent' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_spent` <=> `o_spent`)) OR roo_dirty) THEN 'spent' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_spent` <=> `o_spent`)) OR roo_dirty) THEN 'spent' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_seen` <=> `o_seen`)) OR roo_dirty) THEN 'seen' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_seen` <=> `o_seen`)) OR roo_dirty) THEN 'seen' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_seen` <=> `o_seen`)) OR roo_dirty) THEN 'seen' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_dob` <=> `o_dob`)) OR roo_dirty) THEN 'dob' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_dob` <=> `o_dob`)) OR roo_dirty) THEN 'dob' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_dob` <=> `o_dob`)) OR roo_dirty) THEN 'dob' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (to_json(`n_doc`, map('ignoreNullFields', 'false')) <=> to_json(`o_doc`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'doc' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (to_json(`n_doc`, map('ignoreNullFields', 'false')) <=> to_json(`o_doc`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'doc' END)), 2, length(to_json(array(CASE WHEN ((NOT (to_json(`n_doc`, map('ignoreNullFields', 'false')) <=> to_json(`o_doc`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'doc' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (to_json(`n_tags`, map('ignoreNullFields', 'false')) <=> to_json(`o_tags`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'tags' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (to_json(`n_tags`, map('ignoreNullFields', 'false')) <=> to_json(`o_tags`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'tags' END)), 2, length(to_json(array(CASE WHEN ((NOT (to_json(`n_tags`, map('ignoreNullFields', 'false')) <=> to_json(`o_tags`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN 'tags' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n_source` <=> `o_source`)) OR roo_dirty) THEN 'source' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n_source` <=> `o_source`)) OR roo_dirty) THEN 'source' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n_source` <=> `o_source`)) OR roo_dirty) THEN 'source' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (`n__group_vip` <=> `o__group_vip`)) OR roo_dirty) THEN '@group:VIP' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (`n__group_vip` <=> `o__group_vip`)) OR roo_dirty) THEN '@group:VIP' END)), 2, length(to_json(array(CASE WHEN ((NOT (`n__group_vip` <=> `o__group_vip`)) OR roo_dirty) THEN '@group:VIP' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((NOT (to_json(`n__groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(`o__groups_segments`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN '@groups:segments' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((NOT (to_json(`n__groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(`o__groups_segments`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN '@groups:segments' END)), 2, length(to_json(array(CASE WHEN ((NOT (to_json(`n__groups_segments`, map('ignoreNullFields', 'false')) <=> to_json(`o__groups_segments`, map('ignoreNullFields', 'false')))) OR roo_dirty) THEN '@groups:segments' END))) - 2) END, '') || coalesce(',' || CASE WHEN CASE WHEN ((`o_home_city` IS NOT NULL) OR roo_dirty) THEN 'home_city' END IS NOT NULL THEN substring(to_json(array(CASE WHEN ((`o_home_city` IS NOT NULL) OR roo_dirty) THEN 'home_city' END)), 2, length(to_json(array(CASE WHEN ((`o_home_city` IS NOT NULL) OR roo_dirty) THEN 'home_city' END))) - 2) END, ''), 2) || ']') END, roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, roo_successors, roo_status, roo_code, roo_message
  FROM `main_roo`.`changes__people`
  WHERE roo_seq > 0 AND roo_seq <= 25000
  ORDER BY roo_seq;
INSERT INTO `main_roo`.`roo_acknowledged` VALUES (?, ?, ?, ?, ?, ?, ?, ?);
INSERT INTO `main_roo`.`roo_acknowledged` VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

-- sync 3: a plan while a run was interrupted
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
DROP VIEW IF EXISTS roo_temporary__answered;
CREATE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT explode(sequence(first_seq, last_seq)) AS roo_seq, status, code, message, permanent
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 3' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
INSERT INTO roo_temporary__answered SELECT DISTINCT x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true
  FROM (SELECT explode(sequence(first_seq, last_seq)) AS roo_seq, status, code, message, permanent
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 3' AND status = 'sending') x
  WHERE NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = x.roo_seq);
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 3' AND status IN ('written', 'renamed', 'lost', 'leaving');
SELECT count(*)
  FROM `main_roo`.`snapshot__people` s
  WHERE (s.`home_city` IS NOT NULL OR s.roo_dirty) AND NOT EXISTS (SELECT 1
  FROM (SELECT c.`key__id`
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'depart') x
  WHERE CAST(x.`key__id` AS string) = CAST(s.`key__id` AS string));
DROP VIEW IF EXISTS roo_temporary__preview__people;
CREATE TEMPORARY TABLE roo_temporary__preview__people AS SELECT CAST(s.`key__id` AS bigint) AS `key__id`, s.`email` AS `email`, try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS `ltv`, s.`spent` AS `spent`, s.`seen` AS `seen`, s.`dob` AS `dob`, s.`doc` AS `doc`, s.`tags` AS `tags`, s.`source` AS `source`, s.`_group_vip` AS `_group_vip`, s.`_groups_segments` AS `_groups_segments`, s.roo_departed, (s.roo_dirty OR NOT (CAST(CASE WHEN NOT (isnan(s.`ltv`) OR abs(s.`ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(s.`ltv` AS string) LIKE '%.%' OR CAST(s.`ltv` AS string) LIKE '%e%' THEN CAST(s.`ltv` AS string) ELSE CAST(s.`ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(s.`ltv` AS string) || '"' END AS string) <=> CAST(CASE WHEN regexp_replace(CAST(try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') || '.0' END AS string))) AS roo_dirty, s.roo_whole, s.roo_synced_at
  FROM `main_roo`.`snapshot__people` s
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT c.`key__id`
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE CAST(x.`key__id` AS string) = CAST(s.`key__id` AS string))
  UNION ALL SELECT CAST(c.`key__id` AS bigint) AS `key__id`, c.`n_email` AS `email`, c.`n_ltv` AS `ltv`, c.`n_spent` AS `spent`, c.`n_seen` AS `seen`, c.`n_dob` AS `dob`, c.`n_doc` AS `doc`, c.`n_tags` AS `tags`, c.`n_source` AS `source`, c.`n__group_vip` AS `_group_vip`, c.`n__groups_segments` AS `_groups_segments`, c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR NOT (CAST(CASE WHEN NOT (isnan(c.`o_ltv`) OR abs(c.`o_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(c.`o_ltv` AS string) LIKE '%.%' OR CAST(c.`o_ltv` AS string) LIKE '%e%' THEN CAST(c.`o_ltv` AS string) ELSE CAST(c.`o_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(c.`o_ltv` AS string) || '"' END AS string) <=> CAST(CASE WHEN regexp_replace(CAST(try_cast(CAST(c.`o_ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(try_cast(CAST(c.`o_ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(try_cast(CAST(c.`o_ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(try_cast(CAST(c.`o_ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') || '.0' END AS string)))) AS roo_dirty, false AS roo_whole, current_timestamp() AS roo_synced_at
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
CREATE TEMPORARY TABLE roo_temporary__preview__people AS SELECT s.* EXCEPT (roo_hit, roo_departed), CASE WHEN s.roo_hit THEN true ELSE s.roo_departed END AS roo_departed
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c.`key__id` = s.`key__id`)), false) AS roo_hit
  FROM roo_temporary__preview__people s) s;
CREATE TEMPORARY TABLE roo_temporary__preview__people AS SELECT s.* EXCEPT (roo_hit, roo_dirty), CASE WHEN s.roo_hit THEN true ELSE s.roo_dirty END AS roo_dirty
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c.`key__id` = s.`key__id`)), false) AS roo_hit
  FROM roo_temporary__preview__people s) s;
DROP VIEW IF EXISTS roo_temporary__refused__people;
CREATE TEMPORARY TABLE roo_temporary__refused__people AS SELECT *
  FROM `main_roo`.`roo_unaccepted`
  WHERE destination = 'people';
DROP VIEW IF EXISTS roo_temporary__failed;
CREATE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, current_timestamp()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}') END) AS fingerprint
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN roo_temporary__refused__people u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
CREATE TEMPORARY TABLE roo_temporary__refused__people AS SELECT u.*
  FROM roo_temporary__refused__people u
  WHERE NOT coalesce((u.destination = ? AND EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'))), false);
INSERT INTO roo_temporary__refused__people SELECT ?, roo_key, operation, status, code, message, attempts, first_at, current_timestamp(), permanent, fingerprint
  FROM roo_temporary__failed;

-- sync 3: the commit
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP VIEW IF EXISTS roo_temporary__answered;
CREATE TEMPORARY TABLE roo_temporary__answered AS SELECT DISTINCT *
  FROM (SELECT explode(sequence(first_seq, last_seq)) AS roo_seq, status, code, message, permanent
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 3' AND status NOT IN ('sending', 'leaving', 'written', 'renamed', 'lost')) x;
INSERT INTO roo_temporary__answered SELECT DISTINCT x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true
  FROM (SELECT explode(sequence(first_seq, last_seq)) AS roo_seq, status, code, message, permanent
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 3' AND status = 'sending') x
  WHERE NOT EXISTS (SELECT 1
  FROM roo_temporary__answered a
  WHERE a.roo_seq = x.roo_seq);
SELECT count(*)
  FROM roo_temporary__answered;
SELECT count(*)
  FROM `main_roo`.`roo_acknowledged`
  WHERE destination = 'people' AND run_id = 'run 3' AND status IN ('written', 'renamed', 'lost', 'leaving');
SELECT count(*)
  FROM `main_roo`.`snapshot__people` s
  WHERE (s.`home_city` IS NOT NULL OR s.roo_dirty) AND NOT EXISTS (SELECT 1
  FROM (SELECT c.`key__id`
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'depart') x
  WHERE CAST(x.`key__id` AS string) = CAST(s.`key__id` AS string));
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__people`;
CREATE TABLE `main_roo`.`roo_new__rebuilt__people` AS SELECT CAST(s.`key__id` AS bigint) AS `key__id`, s.`email` AS `email`, try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS `ltv`, s.`spent` AS `spent`, s.`seen` AS `seen`, s.`dob` AS `dob`, s.`doc` AS `doc`, s.`tags` AS `tags`, s.`source` AS `source`, s.`_group_vip` AS `_group_vip`, s.`_groups_segments` AS `_groups_segments`, s.roo_departed, (s.roo_dirty OR NOT (CAST(CASE WHEN NOT (isnan(s.`ltv`) OR abs(s.`ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(s.`ltv` AS string) LIKE '%.%' OR CAST(s.`ltv` AS string) LIKE '%e%' THEN CAST(s.`ltv` AS string) ELSE CAST(s.`ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(s.`ltv` AS string) || '"' END AS string) <=> CAST(CASE WHEN regexp_replace(CAST(try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(try_cast(CAST(s.`ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') || '.0' END AS string))) AS roo_dirty, s.roo_whole, s.roo_synced_at
  FROM `main_roo`.`snapshot__people` s
  WHERE NOT EXISTS (SELECT 1
  FROM (SELECT c.`key__id`
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND true) x
  WHERE CAST(x.`key__id` AS string) = CAST(s.`key__id` AS string))
  UNION ALL SELECT CAST(c.`key__id` AS bigint) AS `key__id`, c.`n_email` AS `email`, c.`n_ltv` AS `ltv`, c.`n_spent` AS `spent`, c.`n_seen` AS `seen`, c.`n_dob` AS `dob`, c.`n_doc` AS `doc`, c.`n_tags` AS `tags`, c.`n_source` AS `source`, c.`n__group_vip` AS `_group_vip`, c.`n__groups_segments` AS `_groups_segments`, c.roo_operation IN ('depart', 'delete') AS roo_departed, (c.roo_operation = 'depart' AND (c.roo_dirty OR NOT (CAST(CASE WHEN NOT (isnan(c.`o_ltv`) OR abs(c.`o_ltv`) = CAST('Infinity' AS double)) THEN CASE WHEN CAST(c.`o_ltv` AS string) LIKE '%.%' OR CAST(c.`o_ltv` AS string) LIKE '%e%' THEN CAST(c.`o_ltv` AS string) ELSE CAST(c.`o_ltv` AS string) || '.0' END ELSE '"\\u0000roo:' || CAST(c.`o_ltv` AS string) || '"' END AS string) <=> CAST(CASE WHEN regexp_replace(CAST(try_cast(CAST(c.`o_ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(try_cast(CAST(c.`o_ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(try_cast(CAST(c.`o_ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(try_cast(CAST(c.`o_ltv` AS string) AS decimal(12,4)) AS string), '[.]{0,1}0+$', '') || '.0' END AS string)))) AS roo_dirty, false AS roo_whole, current_timestamp() AS roo_synced_at
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation <> 'delete';
DROP TABLE IF EXISTS `main_roo`.`rebuilt__people`;
ALTER TABLE `main_roo`.`roo_new__rebuilt__people` RENAME TO `main_roo`.`rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__people`;
CREATE TABLE `main_roo`.`roo_new__rebuilt__people` LIKE `main_roo`.`rebuilt__people`;
INSERT INTO `main_roo`.`roo_new__rebuilt__people` BY NAME SELECT s.* EXCEPT (roo_hit, roo_departed), CASE WHEN s.roo_hit THEN true ELSE s.roo_departed END AS roo_departed
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart') AND c.`key__id` = s.`key__id`)), false) AS roo_hit
  FROM `main_roo`.`rebuilt__people` s) s;
DROP TABLE IF EXISTS `main_roo`.`rebuilt__people`;
ALTER TABLE `main_roo`.`roo_new__rebuilt__people` RENAME TO `main_roo`.`rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__people`;
CREATE TABLE `main_roo`.`roo_new__rebuilt__people` LIKE `main_roo`.`rebuilt__people`;
INSERT INTO `main_roo`.`roo_new__rebuilt__people` BY NAME SELECT s.* EXCEPT (roo_hit, roo_dirty), CASE WHEN s.roo_hit THEN true ELSE s.roo_dirty END AS roo_dirty
  FROM (SELECT s.*, coalesce((EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.code = 'duplicate_identifier' AND c.roo_operation = 'update' AND c.`key__id` = s.`key__id`)), false) AS roo_hit
  FROM `main_roo`.`rebuilt__people` s) s;
DROP TABLE IF EXISTS `main_roo`.`rebuilt__people`;
ALTER TABLE `main_roo`.`roo_new__rebuilt__people` RENAME TO `main_roo`.`rebuilt__people`;
INSERT INTO `main_roo`.`roo_outcomes` SELECT ?, ?, c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END, a.status, a.code, a.message, current_timestamp()
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_outcomes` o
  WHERE o.run_id = ? AND o.destination = ? AND o.key = c.roo_key);
INSERT INTO `main_roo`.`roo_former_identifiers` (app, fields, identifier, went_to, destination, since) SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, current_timestamp()
  FROM (SELECT CASE WHEN nullif(trim(CAST(c.`o_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`o_email` AS string) END AS identifier, CASE WHEN nullif(trim(CAST(c.`n_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`n_email` AS string) END AS went_to
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE a.status = 'accepted' AND c.roo_operation = 'update' AND CASE WHEN nullif(trim(CAST(c.`o_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`o_email` AS string) END <> CASE WHEN nullif(trim(CAST(c.`n_email` AS string)), '') IS NULL THEN NULL ELSE CAST(c.`n_email` AS string) END) x
  WHERE NOT EXISTS (SELECT 1
  FROM `main_roo`.`roo_former_identifiers` f
  WHERE f.app = ? AND f.fields = ? AND f.identifier = x.identifier AND f.went_to = x.went_to);
DROP VIEW IF EXISTS roo_temporary__failed;
CREATE TEMPORARY TABLE roo_temporary__failed AS SELECT c.roo_key, CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END AS operation, a.status, a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, coalesce(u.first_at, current_timestamp()) AS first_at, a.permanent, md5(CASE WHEN roo_operation = 'delete' THEN 'left' ELSE ('{"email":' || coalesce(CASE WHEN `n_email` IS NOT NULL THEN substring(to_json(array(`n_email`)), 2, length(to_json(array(`n_email`))) - 2) END, 'null') || ',"ltv":' || coalesce(CASE WHEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_ltv` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"spent":' || coalesce(CASE WHEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%.%' OR regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') LIKE '%e%' THEN regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') ELSE regexp_replace(CAST(`n_spent` AS string), '[.]{0,1}0+$', '') || '.0' END, 'null') || ',"seen":' || coalesce(CASE WHEN year(`n_seen`) BETWEEN 1 AND 9999 THEN ('"' || date_format(`n_seen`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'') || '"') ELSE '"\\u0000roo:' || CAST(`n_seen` AS string) || '"' END, 'null') || ',"dob":' || coalesce(CASE WHEN `n_dob` BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ('"' || CAST(`n_dob` AS string) || '"') ELSE '"\\u0000roo:' || CAST(`n_dob` AS string) || '"' END, 'null') || ',"doc":' || coalesce(to_json(`n_doc`, map('ignoreNullFields', 'false')), 'null') || ',"tags":' || coalesce(to_json(`n_tags`, map('ignoreNullFields', 'false')), 'null') || ',"source":' || coalesce(CASE WHEN `n_source` IS NOT NULL THEN substring(to_json(array(`n_source`)), 2, length(to_json(array(`n_source`))) - 2) END, 'null') || ',"@group:VIP":' || coalesce(CAST(`n__group_vip` AS string), 'null') || ',"@groups:segments":' || coalesce(to_json(`n__groups_segments`, map('ignoreNullFields', 'false')), 'null') || '}') END) AS fingerprint
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  LEFT JOIN `main_roo`.`roo_unaccepted` u ON u.destination = 'people' AND u.key = c.roo_key
  WHERE coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous') AND (a.status IN ('failed', 'unknown') OR a.code = 'absent');
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_unaccepted`;
CREATE TABLE `main_roo`.`roo_new__roo_unaccepted` LIKE `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_new__roo_unaccepted` BY NAME SELECT u.*
  FROM `main_roo`.`roo_unaccepted` u
  WHERE NOT coalesce((u.destination = ? AND EXISTS (SELECT 1
  FROM `main_roo`.`changes__people` c
  JOIN roo_temporary__answered a ON a.roo_seq = c.roo_seq
  WHERE c.roo_key = u.key AND coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous'))), false);
DROP TABLE IF EXISTS `main_roo`.`roo_unaccepted`;
ALTER TABLE `main_roo`.`roo_new__roo_unaccepted` RENAME TO `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_unaccepted` SELECT ?, roo_key, operation, status, code, message, attempts, first_at, current_timestamp(), permanent, fingerprint
  FROM roo_temporary__failed;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, snapshot_shape, pending_run, pending_shape, updated_at), CASE WHEN r.roo_hit THEN ? ELSE r.snapshot_shape END AS snapshot_shape, CASE WHEN r.roo_hit THEN NULL ELSE r.pending_run END AS pending_run, CASE WHEN r.roo_hit THEN ? ELSE r.pending_shape END AS pending_shape, CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.updated_at END AS updated_at
  FROM (SELECT r.*, coalesce((destination = ? AND pending_run = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_acknowledged`;
CREATE TABLE `main_roo`.`roo_new__roo_acknowledged` LIKE `main_roo`.`roo_acknowledged`;
INSERT INTO `main_roo`.`roo_new__roo_acknowledged` BY NAME SELECT r.*
  FROM `main_roo`.`roo_acknowledged` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_acknowledged`;
ALTER TABLE `main_roo`.`roo_new__roo_acknowledged` RENAME TO `main_roo`.`roo_acknowledged`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__changes__people`;
DROP TABLE IF EXISTS `main_roo`.`changes__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
CREATE TABLE `main_roo`.`roo_new__snapshot__people` AS SELECT *
  FROM `main_roo`.`rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
ALTER TABLE `main_roo`.`roo_new__snapshot__people` RENAME TO `main_roo`.`snapshot__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, pending_shape), CASE WHEN r.roo_hit THEN NULL ELSE r.pending_shape END AS pending_shape
  FROM (SELECT r.*, coalesce((destination = ? AND pending_run IS NULL), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`rebuilt__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, heartbeat_at), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.heartbeat_at END AS heartbeat_at
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.* EXCEPT (roo_hit, finished_at, status, message, model_rows, created, updated, deleted, unchanged, skipped, failed, unknown, held, requests, retries, overrides), CASE WHEN r.roo_hit THEN current_timestamp() ELSE r.finished_at END AS finished_at, CASE WHEN r.roo_hit THEN ? ELSE r.status END AS status, CASE WHEN r.roo_hit THEN ? ELSE r.message END AS message, CASE WHEN r.roo_hit THEN ? ELSE r.model_rows END AS model_rows, CASE WHEN r.roo_hit THEN ? ELSE r.created END AS created, CASE WHEN r.roo_hit THEN ? ELSE r.updated END AS updated, CASE WHEN r.roo_hit THEN ? ELSE r.deleted END AS deleted, CASE WHEN r.roo_hit THEN ? ELSE r.unchanged END AS unchanged, CASE WHEN r.roo_hit THEN ? ELSE r.skipped END AS skipped, CASE WHEN r.roo_hit THEN ? ELSE r.failed END AS failed, CASE WHEN r.roo_hit THEN ? ELSE r.unknown END AS unknown, CASE WHEN r.roo_hit THEN ? ELSE r.held END AS held, CASE WHEN r.roo_hit THEN ? ELSE r.requests END AS requests, CASE WHEN r.roo_hit THEN ? ELSE r.retries END AS retries, CASE WHEN r.roo_hit THEN coalesce(?, overrides) ELSE r.overrides END AS overrides
  FROM (SELECT r.*, coalesce((run_id = ? AND destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_runs` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_outcomes`;
CREATE TABLE `main_roo`.`roo_new__roo_outcomes` LIKE `main_roo`.`roo_outcomes`;
INSERT INTO `main_roo`.`roo_new__roo_outcomes` BY NAME SELECT r.*
  FROM `main_roo`.`roo_outcomes` r
  WHERE NOT coalesce((destination = ? AND time < current_timestamp() - INTERVAL 2592000 SECONDS), false);
DROP TABLE IF EXISTS `main_roo`.`roo_outcomes`;
ALTER TABLE `main_roo`.`roo_new__roo_outcomes` RENAME TO `main_roo`.`roo_outcomes`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_runs`;
CREATE TABLE `main_roo`.`roo_new__roo_runs` LIKE `main_roo`.`roo_runs`;
INSERT INTO `main_roo`.`roo_new__roo_runs` BY NAME SELECT r.*
  FROM `main_roo`.`roo_runs` r
  WHERE NOT coalesce((destination = ? AND started_at < current_timestamp() - INTERVAL 2592000 SECONDS), false);
DROP TABLE IF EXISTS `main_roo`.`roo_runs`;
ALTER TABLE `main_roo`.`roo_new__roo_runs` RENAME TO `main_roo`.`roo_runs`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.* EXCEPT (roo_hit, run_id), CASE WHEN r.roo_hit THEN NULL ELSE r.run_id END AS run_id
  FROM (SELECT r.*, coalesce((destination = ? AND run_id = ?), false) AS roo_hit
  FROM `main_roo`.`roo_locks` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;

-- questions, and forgetting
SELECT destination, run_id, date_format(started_at, 'yyyy-MM-dd\'T\'HH:mm:ss\'Z\''), date_format(finished_at, 'yyyy-MM-dd\'T\'HH:mm:ss\'Z\''), status, message, model_rows, requests, retries, created, updated, deleted, unchanged, skipped, failed, unknown, held
  FROM `main_roo`.`roo_runs`
  ORDER BY started_at DESC, destination LIMIT 5;
SELECT destination, key, operation, status, code, message, attempts, date_format(first_at, 'yyyy-MM-dd\'T\'HH:mm:ss\'Z\''), date_format(last_at, 'yyyy-MM-dd\'T\'HH:mm:ss\'Z\''), permanent
  FROM `main_roo`.`roo_unaccepted`
  WHERE status <> 'skipped'
  ORDER BY destination, first_at, key;
SELECT date_format(time, 'yyyy-MM-dd\'T\'HH:mm:ss\'Z\''), run_id, operation, outcome, code, message
  FROM `main_roo`.`roo_outcomes`
  WHERE destination = ? AND key = ?
  ORDER BY time;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
SELECT roo_departed, date_format(roo_synced_at, 'yyyy-MM-dd\'T\'HH:mm:ss\'Z\'')
  FROM `main_roo`.`snapshot__people` s
  WHERE CAST(s.`key__id` AS string) = ?;
SELECT destination, date_format(updated_at, 'yyyy-MM-dd\'T\'HH:mm:ss\'Z\'')
  FROM `main_roo`.`roo_destinations`;
SELECT destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, pending_run, pending_shape
  FROM `main_roo`.`roo_destinations`;
SELECT count(*)
  FROM `main_roo`.`snapshot__people`
  WHERE NOT roo_departed;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_unaccepted`;
CREATE TABLE `main_roo`.`roo_new__roo_unaccepted` LIKE `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_new__roo_unaccepted` BY NAME SELECT r.*
  FROM `main_roo`.`roo_unaccepted` r
  WHERE NOT coalesce((destination = ? AND permanent AND status = 'unknown'), false);
DROP TABLE IF EXISTS `main_roo`.`roo_unaccepted`;
ALTER TABLE `main_roo`.`roo_new__roo_unaccepted` RENAME TO `main_roo`.`roo_unaccepted`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_unaccepted`;
CREATE TABLE `main_roo`.`roo_new__roo_unaccepted` LIKE `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_new__roo_unaccepted` BY NAME SELECT r.* EXCEPT (roo_hit, permanent), CASE WHEN r.roo_hit THEN false ELSE r.permanent END AS permanent
  FROM (SELECT r.*, coalesce((destination = ? AND permanent AND status = 'failed'), false) AS roo_hit
  FROM `main_roo`.`roo_unaccepted` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_unaccepted`;
ALTER TABLE `main_roo`.`roo_new__roo_unaccepted` RENAME TO `main_roo`.`roo_unaccepted`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.*
  FROM `main_roo`.`roo_destinations` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__folk`;
CREATE TABLE `main_roo`.`roo_new__snapshot__folk` AS SELECT *
  FROM `main_roo`.`snapshot__people`;
DROP TABLE IF EXISTS `main_roo`.`snapshot__folk`;
ALTER TABLE `main_roo`.`roo_new__snapshot__folk` RENAME TO `main_roo`.`snapshot__folk`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_unaccepted`;
CREATE TABLE `main_roo`.`roo_new__roo_unaccepted` LIKE `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_new__roo_unaccepted` BY NAME SELECT r.*
  FROM `main_roo`.`roo_unaccepted` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_unaccepted`;
ALTER TABLE `main_roo`.`roo_new__roo_unaccepted` RENAME TO `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_unaccepted` (destination, key, operation, status, code, message, attempts, first_at, last_at, permanent, fingerprint) SELECT ?, key, operation, status, code, message, attempts, first_at, last_at, permanent, fingerprint
  FROM `main_roo`.`roo_unaccepted`
  WHERE destination = ?;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_outcomes`;
CREATE TABLE `main_roo`.`roo_new__roo_outcomes` LIKE `main_roo`.`roo_outcomes`;
INSERT INTO `main_roo`.`roo_new__roo_outcomes` BY NAME SELECT r.* EXCEPT (roo_hit, destination), CASE WHEN r.roo_hit THEN ? ELSE r.destination END AS destination
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_outcomes` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_outcomes`;
ALTER TABLE `main_roo`.`roo_new__roo_outcomes` RENAME TO `main_roo`.`roo_outcomes`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, destination, unique_id), CASE WHEN r.roo_hit THEN ? ELSE r.destination END AS destination, CASE WHEN r.roo_hit THEN ? ELSE r.unique_id END AS unique_id
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__people`;
DROP TABLE IF EXISTS `main_roo`.`snapshot__people`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_unaccepted`;
CREATE TABLE `main_roo`.`roo_new__roo_unaccepted` LIKE `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_new__roo_unaccepted` BY NAME SELECT r.*
  FROM `main_roo`.`roo_unaccepted` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_unaccepted`;
ALTER TABLE `main_roo`.`roo_new__roo_unaccepted` RENAME TO `main_roo`.`roo_unaccepted`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.*
  FROM `main_roo`.`roo_locks` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.* EXCEPT (roo_hit, snapshot_shape), CASE WHEN r.roo_hit THEN NULL ELSE r.snapshot_shape END AS snapshot_shape
  FROM (SELECT r.*, coalesce((destination = ?), false) AS roo_hit
  FROM `main_roo`.`roo_destinations` r) r;
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__snapshot__folk`;
DROP TABLE IF EXISTS `main_roo`.`snapshot__folk`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__rebuilt__folk`;
DROP TABLE IF EXISTS `main_roo`.`rebuilt__folk`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__changes__folk`;
DROP TABLE IF EXISTS `main_roo`.`changes__folk`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_unaccepted`;
CREATE TABLE `main_roo`.`roo_new__roo_unaccepted` LIKE `main_roo`.`roo_unaccepted`;
INSERT INTO `main_roo`.`roo_new__roo_unaccepted` BY NAME SELECT r.*
  FROM `main_roo`.`roo_unaccepted` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_unaccepted`;
ALTER TABLE `main_roo`.`roo_new__roo_unaccepted` RENAME TO `main_roo`.`roo_unaccepted`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_acknowledged`;
CREATE TABLE `main_roo`.`roo_new__roo_acknowledged` LIKE `main_roo`.`roo_acknowledged`;
INSERT INTO `main_roo`.`roo_new__roo_acknowledged` BY NAME SELECT r.*
  FROM `main_roo`.`roo_acknowledged` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_acknowledged`;
ALTER TABLE `main_roo`.`roo_new__roo_acknowledged` RENAME TO `main_roo`.`roo_acknowledged`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_outcomes`;
CREATE TABLE `main_roo`.`roo_new__roo_outcomes` LIKE `main_roo`.`roo_outcomes`;
INSERT INTO `main_roo`.`roo_new__roo_outcomes` BY NAME SELECT r.*
  FROM `main_roo`.`roo_outcomes` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_outcomes`;
ALTER TABLE `main_roo`.`roo_new__roo_outcomes` RENAME TO `main_roo`.`roo_outcomes`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_locks`;
CREATE TABLE `main_roo`.`roo_new__roo_locks` LIKE `main_roo`.`roo_locks`;
INSERT INTO `main_roo`.`roo_new__roo_locks` BY NAME SELECT r.*
  FROM `main_roo`.`roo_locks` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_locks`;
ALTER TABLE `main_roo`.`roo_new__roo_locks` RENAME TO `main_roo`.`roo_locks`;
DROP TABLE IF EXISTS `main_roo`.`roo_new__roo_destinations`;
CREATE TABLE `main_roo`.`roo_new__roo_destinations` LIKE `main_roo`.`roo_destinations`;
INSERT INTO `main_roo`.`roo_new__roo_destinations` BY NAME SELECT r.*
  FROM `main_roo`.`roo_destinations` r
  WHERE NOT coalesce((destination = ?), false);
DROP TABLE IF EXISTS `main_roo`.`roo_destinations`;
ALTER TABLE `main_roo`.`roo_new__roo_destinations` RENAME TO `main_roo`.`roo_destinations`;
