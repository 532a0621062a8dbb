import Diagnosis
import LogModel

@testable import DiagnosticWriter

extension SupervisionTwin {
  /// `signal scope value status`; the value is that of a strategy, the seconds of a run, or the runs of the success rate.
  func signals() -> [String] {
    let seen = Set(world.logs.filter { $0.start.map { $0 <= at } ?? false }.map(\.dag)).union(World.testDAGs)
    return
      (["infra_health platform \(infra().text)", "pipeline_success_rate all \(rate(nil).text)"]
      + seen.flatMap {
        ["pipeline_success_rate \($0) \(rate($0).text)", "pipeline_latency \($0) \(latency($0))"]
      }
      + cryptos.flatMap(signals) + challengers(cryptos)).sorted()
  }

  private var cryptos: [String] {
    Array(Set(runs.flatMap { $0.everything.compactMap(\.crypto) }).union(universe.keys))
  }

  private func signals(_ crypto: String) -> [String] {
    let best = lastRuns(crypto).first?.best
    let delta = best?.difference(.f1Buy, .baselineF1Buy)?.shifted(by: 2)
    let gap = best?.difference(.screeningF1Buy, .lastFoldF1Buy)
    let (std, sortino) = (best?.decimal(.stdF1Buy), best?.decimal(.sortino))
    let (stops, timeouts) = (best?.decimal(.slPct), best?.decimal(.timeoutPct))
    let since = lastUseful { $0 == crypto } ?? firstRecord { $0 == crypto }
    return [
      Self.line("f1_buy_delta_vs_baseline", crypto, delta, { $0 <= 0 }, { $0 < 15 }),
      Self.line(
        "screening_testing_gap", crypto, gap, { $0 > Self.hundredths(30) }, { $0 > Self.hundredths(15) }),
      Self.line("std_f1_buy", crypto, std, { $0 > Self.hundredths(10) }, { $0 >= Self.hundredths(5) }),
      Self.line("sortino", crypto, sortino, { $0 < 0 }, { $0 <= Self.hundredths(50) }),
      Self.line("sl_pct", crypto, stops, { $0 > 50 }, { $0 >= 35 }),
      Self.line("timeout_pct", crypto, timeouts, { $0 > 40 }, { $0 >= 30 }),
      "model_freshness \(crypto) \(status(since.map(age).map { ($0 > .days(14), $0 > .days(7)) }))",
    ]
  }

  private static func line(
    _ signal: String, _ crypto: String, _ value: ExactDecimal?, _ isCritical: (ExactDecimal) -> Bool,
    _ isWarning: (ExactDecimal) -> Bool
  ) -> String {
    guard let value else { return "\(signal) \(crypto) unknown" }
    return
      "\(signal) \(crypto) \(value) \(isCritical(value) ? "critical" : isWarning(value) ? "warning" : "ok")"
  }

  private static func hundredths(_ count: Int) -> ExactDecimal {
    ExactDecimal(coefficient: Int128(count), scale: 2)
  }

  /// Three-valued: whether infra is critical, and the signal. What blocks of one DAG tell is one origin.
  func infra() -> (isCritical: Bool?, text: String) {
    let told =
      world.observations.map { (origin: $0.origin, time: $0.observedAt, place: (0, "", 0, 0), seen: $0) }
      + runs.flatMap(\.everything).map { item in
        (
          origin: "blocks of \(item.log.dag)", time: item.time,
          place: (Int64(0), item.log.task, item.log.map ?? -1, item.log.attempt * 1000 + item.block),
          seen: InfraObservation(
            observedAt: item.time, origin: "", oomKills: item.integer(.oomKills),
            podsDown: item.integer(.podsDown), pvcPercent: item.decimal(.pvcPct),
            cpuPercent: item.decimal(.cpuPct))
        )
      }
    let recent = told.filter { $0.time <= at && $0.time >= at - .hours(1) }
      .sorted { $0.time != $1.time ? $0.time > $1.time : $0.place > $1.place }
    let origins = Set(recent.map(\.origin))
    func worst<Value: Comparable>(_ value: (InfraObservation) -> Value?) -> Value? {
      origins.compactMap { origin in
        recent.filter { $0.origin == origin }.compactMap { value($0.seen) }.first
      }.max()
    }
    let (kills, down) = (worst(\.oomKills), worst(\.podsDown))
    let (volume, load) = (worst(\.pvcPercent), worst(\.cpuPercent))
    let critical = Self.any([kills.map { $0 > 2 }, down.map { $0 > 0 }, volume.map { $0 > 85 }])
    let warning = Self.any([kills.map { $0 >= 1 }, load.map { $0 > 70 }])
    if critical == true { return (critical, "critical") }
    if warning == true { return (critical, "warning") }
    return (critical, critical == nil || warning == nil ? "unknown" : "ok")
  }

  /// The success rate of a DAG, or of all: whether it is under 70 %, whether it is 70 … 90 %, and the signal. Runs of unknown
  /// outcome may all have failed or all have succeeded.
  func rate(_ dag: String?) -> (isCritical: Bool?, isLow: Bool?, text: String) {
    let own = runs.filter { run in
      (dag == nil || run.dag == dag) && run.end(by: at).map { $0 >= at - .days(7) } == true
    }
    let good = own.count { $0.state == "success" }
    let finished = good + own.count { $0.state == "failed" }
    let unknown = own.count { $0.state == "unknown" }
    guard finished > 0 else { return (nil, nil, "unknown") }
    let ends = [good, good + unknown].map { count in
      status((count * 10 < (finished + unknown) * 7, count * 10 <= (finished + unknown) * 9))
    }
    let known = ends[0] == ends[1] ? ends[0] : "unknown"
    return (
      (ends[0] == "critical") == (ends[1] == "critical") ? ends[0] == "critical" : nil,
      known == "unknown" ? nil : known == "warning", "\(good)/\(finished) \(known)"
    )
  }

  private func latency(_ dag: String) -> String {
    let own = runs.filter { run in
      run.dag == dag && run.isFinished && run.start != nil
        && run.end(by: at).map { $0 >= at - .days(30) } == true
    }.sorted { $0.order > $1.order }
    guard let last = own.first, let taken = last.duration(by: at) else { return "unknown" }
    let seconds = "\(ExactDecimal(coefficient: Int128(taken), scale: 6))"
    let earlier = own.dropFirst().filter { $0.state == "success" }.compactMap { $0.duration(by: at) }.sorted()
    guard earlier.count >= 5 else { return "\(seconds) \(taken > 10_800_000_000 ? "warning" : "unknown")" }
    let rank = 95 * (earlier.count - 1)
    let low = earlier[rank / 100]
    let high = earlier[min(rank / 100 + 1, earlier.count - 1)]
    // A hundred times the percentile.
    let p95 = low * 100 + (high - low) * Int64(rank % 100)
    let bounds = (taken * 100 > 2 * p95, taken * 1000 > 13 * p95 || taken > 10_800_000_000)
    return "\(seconds) \(status(bounds))"
  }
}
