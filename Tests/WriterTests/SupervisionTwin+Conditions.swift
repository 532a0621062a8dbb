import LogModel

extension SupervisionTwin {
  /// `condition status`, in the order of 3-classification, Global state, and the state.
  func conditions() -> [String] {
    let rate = rate(nil)
    let found: [(String, String, Bool?)] = [
      ("infra_critical", "RED", infra().isCritical),
      ("success_rate_critical", "ORANGE", rate.isCritical),
      ("no_passing_candidates", "ORANGE", hasNoPassing()),
      ("core_crypto_stale", "ORANGE", isStale(after: .days(14)) { $0 == "btc-core" }),
      ("no_useful_strategy", "ORANGE", hasNoUseful()),
      ("success_rate_low", "YELLOW", rate.isLow),
      ("sortino_negative", "YELLOW", universe.isEmpty ? nil : Self.any(universe.keys.map(isLosing))),
      ("crypto_stale", "YELLOW", isStale(after: .days(7)) { $0 != "btc-core" }),
    ]
    let state =
      found.first { $0.2 == true }?.1 ?? (found.contains { $0.2 == nil } ? "UNKNOWN" : "GREEN")
    return found.map { "\($0.0) \($0.2 == nil ? "unknown" : $0.2 == true ? "triggered" : "clear")" } + [state]
  }

  private func isOfUniverse(_ crypto: String) -> Bool { universe[crypto] != nil }

  /// A crypto without any record counts from the universe's first. Nothing is stale in an empty group.
  private func isStale(after limit: Span, _ belongs: (String) -> Bool) -> Bool? {
    guard !universe.isEmpty else { return nil }
    return Self.any(
      universe.filter { belongs($0.value) }.keys.map { crypto in
        let since =
          lastUseful { $0 == crypto } ?? firstRecord { $0 == crypto } ?? firstRecord(isOfUniverse)
        return since.map { age(since: $0) > limit }
      })
  }

  private func hasNoUseful() -> Bool? {
    (lastUseful(isOfUniverse) ?? firstRecord(isOfUniverse)).map { age(since: $0) > .days(3) }
  }

  private func isLosing(_ crypto: String) -> Bool? {
    let sortinos = lastRuns(crypto).map { $0.best?.decimal(.sortino) }
    if sortinos.contains(where: { $0.map { $0 >= 0 } ?? false }) { return false }
    return sortinos.count == 3 && !sortinos.contains(nil) ? true : nil
  }

  /// Of each test DAG that ran, and of all of them together.
  private func hasNoPassing() -> Bool? {
    let dags = World.testDAGs.filter { dag in runs.contains { $0.dag == dag && $0.hasBegun } }
    guard !dags.isEmpty else { return nil }
    let finished = runs.filter { dags.contains($0.dag) && $0.isFinished && $0.start != nil }
      .sorted { $0.order > $1.order }
    return Self.any(
      (dags.map { dag in finished.filter { $0.dag == dag } } + [finished]).map { runs in
        hasNoPassing(Array(runs.prefix(3)))
      })
  }

  private func hasNoPassing(_ last: [Run]) -> Bool? {
    let counts = last.map(count)
    if counts.contains(where: { $0.passed ?? 0 > 0 }) { return false }
    let bad = counts.count { $0.passed == 0 && $0.candidates ?? 0 > 0 }
    return bad == 3 ? true : nil
  }

  private func count(_ run: Run) -> RunCountTwin.Count {
    RunCountTwin(
      run.items.map { item in
        RunCountTwin.Item(
          record: item.record, time: item.time, task: item.log.task, map: item.log.map ?? -1,
          block: item.block)
      }, isCutOff: run.isCutOff
    ).whole
  }
}
