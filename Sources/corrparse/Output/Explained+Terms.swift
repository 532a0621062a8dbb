import CorrelationGrammar
import DiagnosticWriter
import LogModel

/// What `explain` says of the users' terms, of the values of lists, and of the forms of log lines.
extension Explained {
  /// The users' terms. A term that is a key of blocks is left out, because `explain` answers it with the key.
  static let terms: [Explained] = (ofPage + others).map { name, text in
    Explained(.term, name, [("meaning", text), ("more", page)])
  }

  private static let ofPage: [(String, String)] = Terms.all.flatMap { term in
    term.words.filter { FieldKey(name: $0.lowercased()) == nil }.map { ($0, term.text) }
  }

  /// Words of the output and of the manual that the page has no row of.
  private static let others: [(String, String)] = [
    ("pts", "points of F1: 5 pts are 0.05; delta is given in them"),
    ("p95", "the 95th percentile: 95 of 100 values are at or below it"),
    (
      "manual",
      "the users' operations manual, Mode Operatoire CVNTrade MLOps 3.0; its sections are listed there"
    ),
    ("ML owner", "a role of the manual (section 4): reacts to P2 within the day"),
    ("MLOps maintainer", "a role of the manual (section 4): reacts to P1 within the hour"),
    ("platform owner", "a role of the manual (section 4): reacts to P0 at once"),
    ("operator", "a role of the manual (section 4); its morning check is in docs/operations.md"),
    (
      "btc-core",
      "a group of cryptos, the core: one without a useful strategy for 14 days makes the state ORANGE (core_crypto_stale)"
    ),
    ("defi", "a group of cryptos; corrparse universe list has all groups"),
    (
      "candidates",
      "the strategies that a run looked at; PASSED of runs is how many of them passed their gates"
    ),
    (
      "layer",
      "one of infra, run, ml and execution: the rules of a layer together conclude one thing of a record"
    ),
  ]

  private static let page = "docs/specification/terms.md"

  /// The values of the lists that are neither keys of blocks nor explained under another name.
  static let fields: [Explained] = {
    let known = StoredList.all.flatMap { $0.values.map(\.name) }
    var names: [String] = []
    for name in known where FieldKey(name: name) == nil && !names.contains(name) { names.append(name) }
    return names.compactMap { name in fieldMeanings[name].map { Explained(.field, name, [("meaning", $0)]) } }
  }()

  /// Of values by name. A test holds that every value of a list has one here, or is explained as something else.
  private static let fieldMeanings: [String: String] = [
    "observed_at": "when the record was logged; of a log's own issue the log's modification time",
    "dag_id": "the DAG", "run_id": "the DAG run", "task_id": "the task",
    "map_index": "which one of a mapped task",
    "try_number": "which try of the task", "latest_attempt": "whether the record is of the task's latest try",
    "block": "the block's number in its log, from 1", "line": "the line of the block's header, from 1",
    "byte_offset": "the byte at which the issue stands, from 0", "offset": "the byte of the header, from 0",
    "source": "the log's name in the database", "crypto_group": "the crypto's group in the universe",
    "logged_group": "the group that the block names (key group)",
    "delta_points": "f1_buy - baseline_f1_buy, in points: 5 are 0.05",
    "screening_gap": "screening_f1_buy - last_fold_f1_buy, in units of F1",
    "gates_passed": "whether all gates were passed; empty where none were logged",
    "findings": "every code that triggered, in the order of the taxonomy",
    "severity": "the worst of the findings",
    "certainty": "how sure the primary is: certain, provisional, unclassified",
    "ml": "what the rules of machine learning say together",
    "execution": "what the rules of trade execution say together",
    "infra": "what the rules of the platform say together",
    "not_evaluated":
      "the rules that could not be evaluated, with the inputs they lack (lacks) and the reason (why)",
    "issue_count": "how many issues the record has",
    "block_end": "how the block ended; end in the output of parse",
    "extras": "pairs of the block whose keys are not known",
    "explanation": "the verdict in a sentence, with its figures",
    "taxonomy_version": "the version of the taxonomy that judged; taxonomy in the output of parse",
    "started_at": "when the run's first attempt started", "ended_at": "when the run's last attempt ended",
    "records": "records of the run's latest attempts", "passed": "how many of the run's candidates passed",
    "code_counts": "how many records have each code as their primary", "ingested_at": "when the log was read",
    "size_bytes": "the log's size as it lies there", "replays": "blocks that are copies of earlier ones",
    "issues": "how many issues the log has", "location": "where the log is",
    "error": "why not all of it could be read",
    "kind": "the kind of the issue", "key": "the key that the issue is about",
    "raw": "the text that was not usable",
    "runs_in_a_row": "in how many of the crypto's last runs the diagnosis stands",
    "exit_criterion": "when the incident is over", "met": "whether the exit criterion is reached",
    "next_step": "the playbook's step", "configuration": "that of the next launch__discovery",
    "escalate_to": "whom to tell after three runs in a row", "status": "how the reading of the log ended",
  ]

  /// The forms of log lines that `parse -v` recognises.
  static let envelopes: [Explained] = LogEnvelope.known.map { envelope in
    Explained(
      .envelope, envelope.name.rawValue,
      [
        ("meaning", envelope.remark.isEmpty ? "a form of log lines" : envelope.remark),
        ("example", envelope.example), ("more", "docs/specification/2-log-envelopes.md"),
      ])
  }
}
