#include "migrations.h"

// SwiftPM knows no name for the standard that has `#embed`; the compiler knows it under each.
#pragma clang diagnostic ignored "-Wc23-extensions"

// A new step needs its file here and its line in the list below; Tests/CommandTests/MigrateTests.swift holds both against the folder.

static const unsigned char v0001_tables[] = {
#embed "../../schema/migrations/v0001_tables.sql"
};

static const unsigned char v0002_views[] = {
#embed "../../schema/migrations/v0002_views.sql"
};

static const unsigned char v0003_roles[] = {
#embed "../../schema/migrations/v0003_roles.sql"
};

static const unsigned char v0004_runs[] = {
#embed "../../schema/migrations/v0004_runs.sql"
};

static const unsigned char v0005_signals[] = {
#embed "../../schema/migrations/v0005_signals.sql"
};

static const unsigned char v0006_best_strategy[] = {
#embed "../../schema/migrations/v0006_best_strategy.sql"
};

static const unsigned char v0007_stored_diagnosis[] = {
#embed "../../schema/migrations/v0007_stored_diagnosis.sql"
};

static const unsigned char v0008_entity_tag[] = {
#embed "../../schema/migrations/v0008_entity_tag.sql"
};

static const unsigned char v0009_latest_runs[] = {
#embed "../../schema/migrations/v0009_latest_runs.sql"
};

static const unsigned char v0010_without_statistics[] = {
#embed "../../schema/migrations/v0010_without_statistics.sql"
};

static const unsigned char v0011_known_counts[] = {
#embed "../../schema/migrations/v0011_known_counts.sql"
};

static const unsigned char v0012_stated_once[] = {
#embed "../../schema/migrations/v0012_stated_once.sql"
};

static const unsigned char v0013_known_state[] = {
#embed "../../schema/migrations/v0013_known_state.sql"
};

static const unsigned char v0014_source_head[] = {
#embed "../../schema/migrations/v0014_source_head.sql"
};

static const unsigned char v0015_passed_over[] = {
#embed "../../schema/migrations/v0015_passed_over.sql"
};

static const unsigned char v0016_head_digests[] = {
#embed "../../schema/migrations/v0016_head_digests.sql"
};

static const unsigned char v0017_model_registry[] = {
#embed "../../schema/migrations/v0017_model_registry.sql"
};

static const unsigned char v0018_bytewise_identifiers[] = {
#embed "../../schema/migrations/v0018_bytewise_identifiers.sql"
};

static const unsigned char v0019_next_step[] = {
#embed "../../schema/migrations/v0019_next_step.sql"
};

static const unsigned char v0020_issue_places[] = {
#embed "../../schema/migrations/v0020_issue_places.sql"
};

static const unsigned char v0021_condition_subjects[] = {
#embed "../../schema/migrations/v0021_condition_subjects.sql"
};

static const unsigned char v0022_comment_of_use_roles[] = {
#embed "../../schema/migrations/v0022_comment_of_use_roles.sql"
};
static const unsigned char v0023_fast_diagnosis[] = {
#embed "../../schema/migrations/v0023_fast_diagnosis.sql"
};
static const unsigned char v0024_read_to_the_end[] = {
#embed "../../schema/migrations/v0024_read_to_the_end.sql"
};

static const unsigned char v0025_read_with[] = {
#embed "../../schema/migrations/v0025_read_with.sql"
};

#define STEP(name) {#name, name, sizeof name}

static const struct corrparse_migration steps[] = {
  STEP(v0001_tables),
  STEP(v0002_views),
  STEP(v0003_roles),
  STEP(v0004_runs),
  STEP(v0005_signals),
  STEP(v0006_best_strategy),
  STEP(v0007_stored_diagnosis),
  STEP(v0008_entity_tag),
  STEP(v0009_latest_runs),
  STEP(v0010_without_statistics),
  STEP(v0011_known_counts),
  STEP(v0012_stated_once),
  STEP(v0013_known_state),
  STEP(v0014_source_head),
  STEP(v0015_passed_over),
  STEP(v0016_head_digests),
  STEP(v0017_model_registry),
  STEP(v0018_bytewise_identifiers),
  STEP(v0019_next_step),
  STEP(v0020_issue_places),
  STEP(v0021_condition_subjects),
  STEP(v0022_comment_of_use_roles),
  STEP(v0023_fast_diagnosis),
  STEP(v0024_read_to_the_end),
  STEP(v0025_read_with),
};

size_t corrparse_migration_count(void) { return sizeof steps / sizeof steps[0]; }

struct corrparse_migration corrparse_migration_at(size_t index) { return steps[index]; }
