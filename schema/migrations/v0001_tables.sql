-- The tables of page 4, *What is stored*: ledger, sources, records, verdicts, issues, task outcomes, and the
-- reference tables. Runs as one transaction; the program has made the schema and its migration ledger before.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '15min';

-- Names and locations may be as long as a path (4,096 bytes), longer than a B-tree entry may be, so they are unique by
-- their digest. Immutable although convert_to() is not: the encoding of a database never changes.
CREATE FUNCTION corrparse.text_digest(value text) RETURNS bytea
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog
  AS $$ SELECT sha256(convert_to(value, 'UTF8')) $$;

-- One part of one task attempt, or what a name stands for where no attempt is known.
CREATE TABLE corrparse.source (
  source_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  dag_id text,
  run_id text,
  task_id text,
  map_index bigint,
  try_number bigint,
  part text,
  feed_log_id bigint,
  feed_status text CHECK (feed_status IN ('complete', 'growing', 'truncated', 'corrupt')),
  feed_bytes bigint,
  feed_fingerprint bytea,
  complete_bytes bigint,
  is_identified boolean NOT NULL GENERATED ALWAYS AS (dag_id IS NOT NULL) STORED,
  name_digest bytea NOT NULL GENERATED ALWAYS AS (corrparse.text_digest(name)) STORED,
  CONSTRAINT source_name_key UNIQUE (name_digest, is_identified),
  CONSTRAINT source_identity_check CHECK (
    num_nulls(dag_id, run_id, task_id, map_index, try_number, part) IN (0, 6))
);
COMMENT ON TABLE corrparse.source IS
  'One part of one task attempt (page 4, Exactly once). The rows of a source come from one reading of one of its logs, the feed.';
COMMENT ON COLUMN corrparse.source.name IS
  'dag_id=…/run_id=…/task_id=…[/map_index=…]/attempt=N.log[.PART.log], with / and % in a part written %2F and %25; without an identity the name given, or the path below the root.';
COMMENT ON COLUMN corrparse.source.map_index IS '-1 for a task that is not mapped.';
COMMENT ON COLUMN corrparse.source.part IS 'Empty for the task''s own log, trigger.N for the triggerer''s.';
COMMENT ON COLUMN corrparse.source.feed_log_id IS
  'The log whose reading the source''s records, issues and outcomes come from; null while nothing could be read.';
COMMENT ON COLUMN corrparse.source.feed_status IS 'What that reading found the log to be.';
COMMENT ON COLUMN corrparse.source.feed_bytes IS 'The decompressed length of that reading.';
COMMENT ON COLUMN corrparse.source.complete_bytes IS
  'The decompressed length of the latest complete feed: nothing shorter or damaged replaces it.';

-- The ledger: one row per location that a source was read from.
CREATE TABLE corrparse.log (
  log_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  location text NOT NULL,
  source_id bigint NOT NULL REFERENCES corrparse.source ON DELETE CASCADE,
  size_bytes bigint,
  modified_at timestamptz,
  fingerprint bytea,
  status text NOT NULL CHECK (status IN ('complete', 'growing', 'truncated', 'corrupt', 'failed')),
  error text,
  decompressed_bytes bigint NOT NULL,
  blocks bigint NOT NULL,
  replays bigint NOT NULL,
  issues bigint NOT NULL,
  complete_bytes bigint,
  refusal text CHECK (refusal IN ('shorter_reread', 'damaged_reread')),
  ingested_at timestamptz NOT NULL,
  program_version text NOT NULL,
  location_digest bytea NOT NULL GENERATED ALWAYS AS (corrparse.text_digest(location)) STORED,
  CONSTRAINT log_location_key UNIQUE (location_digest)
);
CREATE INDEX log_source_id_idx ON corrparse.log (source_id);
COMMENT ON TABLE corrparse.log IS 'The ledger of logs: what was read, from where, and what came of it.';
COMMENT ON COLUMN corrparse.log.size_bytes IS 'As stored, compressed or not; null for a pipe.';
COMMENT ON COLUMN corrparse.log.fingerprint IS 'Of the decompressed bytes; null where nothing could be read.';
COMMENT ON COLUMN corrparse.log.error IS 'Why the log is truncated, corrupt or failed.';
COMMENT ON COLUMN corrparse.log.complete_bytes IS 'The greatest decompressed length at which this location was ever complete.';
COMMENT ON COLUMN corrparse.log.refusal IS
  'Set where this reading was damaged, or shorter than the location once was when complete, and therefore replaced nothing.';

ALTER TABLE corrparse.source
  ADD CONSTRAINT source_feed_log_id_fkey FOREIGN KEY (feed_log_id) REFERENCES corrparse.log ON DELETE SET NULL;
CREATE INDEX source_feed_log_id_idx ON corrparse.source (feed_log_id);

-- One CORRELATION DATA block. Numbers are numeric without limits: what was logged, to the last digit.
CREATE TABLE corrparse.record (
  source_id bigint NOT NULL REFERENCES corrparse.source ON DELETE CASCADE,
  block bigint NOT NULL,
  line bigint NOT NULL,
  byte_offset bigint NOT NULL,
  grammar_version bigint NOT NULL,
  block_end text NOT NULL,
  observed_at timestamptz NOT NULL,
  observed_from text NOT NULL
    CHECK (observed_from IN ('log', 'run_id', 'modification_time', 'ingest_time')),
  dag_id text,
  run_id text,
  task_id text,
  map_index bigint,
  try_number bigint,
  crypto text,
  logged_group text,
  timeframe text,
  strategy_id text,
  model_version text,
  horizon text,
  phase text,
  fold text,
  sl numeric,
  tp numeric,
  n_folds bigint,
  n_trades bigint,
  n_candidates bigint,
  n_passed bigint,
  oom_kills bigint,
  pods_down bigint,
  f1_buy numeric,
  baseline_f1_buy numeric,
  precision_buy numeric,
  recall_buy numeric,
  buy_rate numeric,
  action_rate numeric,
  std_f1_buy numeric,
  screening_f1_buy numeric,
  last_fold_f1_buy numeric,
  theta numeric,
  sortino numeric,
  tp_pct numeric,
  sl_pct numeric,
  timeout_pct numeric,
  success_rate numeric,
  pvc_pct numeric,
  cpu_pct numeric,
  complete boolean,
  gates jsonb,
  extras jsonb,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source_id, block),
  CONSTRAINT record_identity_check CHECK (
    num_nulls(dag_id, run_id, task_id, map_index, try_number) IN (0, 5))
);
CREATE INDEX record_observed_at_idx ON corrparse.record (observed_at);
CREATE INDEX record_crypto_observed_at_idx ON corrparse.record (crypto, observed_at);
CREATE INDEX record_dag_id_run_id_idx ON corrparse.record (dag_id, run_id);
COMMENT ON TABLE corrparse.record IS 'One CORRELATION DATA block (ADR-30) as read; an absent field is null, and issue says why.';
COMMENT ON COLUMN corrparse.record.block IS 'The number of the block''s header in its log, from 1, replays included.';
COMMENT ON COLUMN corrparse.record.line IS 'The physical line of the header, from 1, in the decompressed log.';
COMMENT ON COLUMN corrparse.record.byte_offset IS 'The byte at which that line begins, from 0.';
COMMENT ON COLUMN corrparse.record.observed_from IS
  'What observed_at is: a time in the log, the time in run_id, the log''s modification time, or when it was ingested.';
COMMENT ON COLUMN corrparse.record.dag_id IS
  'With run_id, task_id, map_index (-1: not mapped) and try_number: the attempt that the header''s line names, else the source''s.';
COMMENT ON COLUMN corrparse.record.fold IS 'A number from 0, or all.';
COMMENT ON COLUMN corrparse.record.tp_pct IS 'Percent points, as all columns that end in _pct and success_rate.';
COMMENT ON COLUMN corrparse.record.gates IS 'An object of gate to pass or fail; null without usable gates.';
COMMENT ON COLUMN corrparse.record.extras IS
  'An array of [key, text] in the order logged, which an object would lose; null where there are none.';
COMMENT ON COLUMN corrparse.record.updated_at IS 'When the row last changed; reading an unchanged log leaves it.';

-- What the classifier says of a record, per taxonomy version.
CREATE TABLE corrparse.verdict (
  source_id bigint NOT NULL,
  block bigint NOT NULL,
  taxonomy_version bigint NOT NULL,
  primary_code text,
  findings text[] NOT NULL,
  certainty text NOT NULL CHECK (certainty IN ('certain', 'provisional', 'unclassified')),
  severity text NOT NULL CHECK (severity IN ('P0', 'P1', 'P2', 'P3', 'none')),
  ml text NOT NULL,
  execution text NOT NULL,
  infra text NOT NULL,
  delta_points numeric,
  not_evaluated jsonb NOT NULL,
  explanation text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source_id, block, taxonomy_version),
  FOREIGN KEY (source_id, block) REFERENCES corrparse.record ON DELETE CASCADE
);
COMMENT ON TABLE corrparse.verdict IS
  'One per record and taxonomy version. A verdict goes when its record changes, whichever version judged it.';
COMMENT ON COLUMN corrparse.verdict.delta_points IS 'f1_buy - baseline_f1_buy in percentage points of F1.';
COMMENT ON COLUMN corrparse.verdict.not_evaluated IS 'An array of objects: rule, lacks (canonical keys), why.';

-- What was wrong with a block or a log: data, not errors.
CREATE TABLE corrparse.issue (
  source_id bigint NOT NULL REFERENCES corrparse.source ON DELETE CASCADE,
  block bigint NOT NULL,
  ordinal bigint NOT NULL,
  first_block bigint,
  line bigint,
  byte_offset bigint,
  kind text NOT NULL,
  key text,
  raw text,
  PRIMARY KEY (source_id, block, ordinal)
);
COMMENT ON COLUMN corrparse.issue.block IS 'The block concerned; 0 for an issue of the source as a whole.';
COMMENT ON COLUMN corrparse.issue.ordinal IS 'From 1 within the block or source, in the order found.';
COMMENT ON COLUMN corrparse.issue.first_block IS 'For an issue of the source that concerns blocks: the first of them.';

-- What became of a task attempt, as one source tells it.
CREATE TABLE corrparse.task_outcome (
  source_id bigint NOT NULL REFERENCES corrparse.source ON DELETE CASCADE,
  dag_id text NOT NULL,
  run_id text NOT NULL,
  task_id text NOT NULL,
  map_index bigint NOT NULL,
  try_number bigint NOT NULL,
  state text NOT NULL
    CHECK (state IN ('success', 'failed', 'up_for_retry', 'skipped', 'deferred', 'unknown')),
  stated boolean NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source_id, dag_id, run_id, task_id, map_index, try_number)
);
CREATE INDEX task_outcome_attempt_idx
  ON corrparse.task_outcome (dag_id, run_id, task_id, map_index, try_number);
COMMENT ON TABLE corrparse.task_outcome IS
  'One row for every attempt that a source speaks of, unknown included: it is also what tells a task''s latest attempt.';
COMMENT ON COLUMN corrparse.task_outcome.stated IS 'Whether the log states the state in so many words, or it is inferred.';

-- The reference table of codes, filled by the program from its one table (page 3).
CREATE TABLE corrparse.taxonomy (
  taxonomy_version bigint NOT NULL,
  code text NOT NULL,
  layer text NOT NULL,
  severity text NOT NULL,
  condition text NOT NULL,
  meaning text NOT NULL,
  next_step text NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (taxonomy_version, code)
);

-- One row: the version that the views without a version in their rows are about.
CREATE TABLE corrparse.current_taxonomy (
  is_singleton boolean PRIMARY KEY DEFAULT true CHECK (is_singleton),
  taxonomy_version bigint NOT NULL
);

-- Which crypto belongs to which group; the users' own table is the source of truth, `corrparse universe` keeps this one
-- in step with it. Seeded from the manual, section 11.
CREATE TABLE corrparse.universe (
  crypto text PRIMARY KEY,
  crypto_group text NOT NULL
);
INSERT INTO corrparse.universe (crypto, crypto_group) VALUES
  ('BTCUSDC', 'btc-core'),
  ('ETHUSDC', 'btc-core'),
  ('SOLUSDC', 'defi'),
  ('ADAUSDC', 'defi'),
  ('BONKUSDC', 'defi'),
  ('XRPUSDC', 'defi');
