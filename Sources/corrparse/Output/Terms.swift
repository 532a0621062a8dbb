/// The users' words, as docs/specification/terms.md has them (a test compares the two). `explain` knows them, and says of a key what its word means.
enum Terms {
  /// A word with what it means.
  struct Term {
    /// The word; several that are explained as one have commas between.
    let names: String
    /// The meaning, in Markdown.
    let meaning: String

    /// The words, each by itself.
    var words: [String] { names.split(separator: ",").map { $0.drop { $0 == " " }.description } }
    /// The meaning as plain text.
    var text: String { meaning.replacing("`", with: "").replacing("*", with: "") }
  }

  /// Decisions of the users.
  static let decisions: [Term] = [
    Term(
      names: "ADR-25",
      meaning:
        "A diagnosis has no silent fallback: an input that is missing or doubtful is reported as such and never replaced by a guess."
    ),
    Term(
      names: "ADR-26",
      meaning: "Grafana is the operators' one entry point; other tools are for a closer look."),
    Term(names: "ADR-27", meaning: "Figures are compared within one crypto only, never between cryptos."),
    Term(
      names: "ADR-28",
      meaning:
        "Models are binary (BUY or not), so no SELL at all is normal; screening and testing are compared by the same metric over the same period."
    ),
    Term(names: "ADR-29", meaning: "Every machine-learning metric is compared with the naive baseline."),
    Term(
      names: "ADR-30",
      meaning:
        "The CORRELATION DATA block in the logs of `test_step` is a stable interface: keys may be added, and none changes its meaning."
    ),
  ]

  /// Trading and models.
  static let trading: [Term] = [
    Term(
      names: "crypto",
      meaning: "A trading pair such as `SOLUSDC`; models, thresholds and comparisons belong to one crypto."),
    Term(
      names: "universe, group",
      meaning: "All cryptos that are traded, and the named groups they are in, such as `btc-core` and `defi`."
    ),
    Term(
      names: "strategy",
      meaning:
        "One model with one set of trade execution parameters, which a run tests and logs as one block."),
    Term(names: "PTE", meaning: "Parameters of trade execution: stop-loss, take-profit and horizon."),
    Term(
      names: "triple barrier",
      meaning:
        "A trade ends at the first of three barriers: take-profit, stop-loss or the end of its horizon (timeout)."
    ),
    Term(
      names: "SL, TP",
      meaning:
        "Stop-loss and take-profit: the loss and the gain at which a trade is closed, given as multiples of the ATR."
    ),
    Term(names: "ATR", meaning: "Average true range, a measure of how much a price moves."),
    Term(names: "horizon", meaning: "The longest time that a trade may stay open, `H1` to `H99`."),
    Term(
      names: "timeout",
      meaning: "A trade that reached neither SL nor TP and was closed at the end of its horizon."),
    Term(
      names: "exit shares",
      meaning:
        "`tp_pct`, `sl_pct`, `timeout_pct`: which part of the trades ended at which barrier, in percent points."
    ),
    Term(
      names: "theta",
      meaning: "The model's score from which on it says BUY, 0 to 1; a high theta makes few trades."),
    Term(names: "f1_buy", meaning: "The F1 score (harmonic mean of precision and recall) of the class BUY."),
    Term(
      names: "naive baseline",
      meaning:
        "`baseline_f1_buy`, the F1 score of a classifier that always says BUY: the least that a model has to beat."
    ),
    Term(names: "delta", meaning: "`f1_buy - baseline_f1_buy`, in points (pts): 5 pts are 0.05."),
    Term(
      names: "buy_rate, action_rate",
      meaning: "The share of BUY among the labels of the test data, and among the model's predictions."),
    Term(
      names: "fold",
      meaning:
        "One of the periods into which the data are cut for validation; `last_fold_f1_buy` is of the period that the screening used too."
    ),
    Term(
      names: "Sortino",
      meaning: "The ratio of return to downside risk; the users' main financial figure."),
    Term(
      names: "gate",
      meaning: "A named threshold that a candidate has to pass (`f1`, `sortino`, `n_trades`)."),
    Term(
      names: "candidate",
      meaning: "A strategy that a run looked at; `n_passed` of `n_candidates` passed all their gates."),
    Term(names: "screening", meaning: "Phase 1: a quick search over a grid of parameters."),
    Term(
      names: "testing",
      meaning:
        "Phase 2: folds with tuned hyperparameters, and a backtest on data that the model has not seen."),
    Term(
      names: "WFRB",
      meaning:
        "Phase 3, *walk-forward rolling backtest*: the model is trained and tested on windows that move forward in time."
    ),
    Term(
      names: "walk-forward",
      meaning:
        "Validation that only ever tests on data later than those trained on; the DAG `launch__walkforward` does it."
    ),
    Term(
      names: "challenger, champion",
      meaning: "A registered model that waits for approval, and the active model of a crypto."),
    Term(names: "stale", meaning: "Said of a crypto whose last useful model is too old."),
    Term(names: "HPO", meaning: "The search for hyperparameters of a model."),
  ]

  /// Operations.
  static let operations: [Term] = [
    Term(
      names: "golden signal",
      meaning: "One of the eleven figures from which every view for operators derives (manual, section 2)."),
    Term(
      names: "global state",
      meaning: "GREEN, YELLOW, ORANGE or RED, by the rules of the manual's section 0; corrparse adds UNKNOWN."
    ),
    Term(names: "severity", meaning: "P0 to P3: how fast somebody has to act (manual, section 8)."),
    Term(names: "playbook", meaning: "What to do about an incident (manual, section 9)."),
    Term(
      names: "DAG, run, task, attempt",
      meaning: "Airflow's words: a workflow, one execution of it, one step, and one try of that step."),
    Term(
      names: "mapped task",
      meaning: "A task that Airflow runs several times in one run, told apart by `map_index`."),
    Term(
      names: "deferral",
      meaning: "A task that waits in Airflow's triggerer and goes on later in the same log."),
    Term(names: "OOM kill", meaning: "A pod that the kernel ended for using too much memory."),
    Term(
      names: "PVC",
      meaning: "A claim on a volume in Kubernetes; `pvc_pct` is how full the fullest one is."),
  ]

  /// All of them.
  static let all = decisions + trading + operations

  /// What is said of a key of blocks: the meaning of the word that it is, else of the first word whose meaning names it. Nil where none does.
  static func meaning(ofKey key: String) -> String? {
    let word =
      all.first { $0.words.contains { $0.lowercased() == key } }
      ?? all.first { $0.meaning.contains("`\(key)`") }
    return word?.text
  }
}
