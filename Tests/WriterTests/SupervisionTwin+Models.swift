import LogModel

@testable import DiagnosticWriter

extension SupervisionTwin {
  /// The signal challenger_count of every crypto, and those of the cryptos that only a registry knows.
  func challengers(_ known: [String]) -> [String] {
    let last = Dictionary(grouping: world.registries.filter { $0.observedAt <= at }, by: \.origin).values
      .compactMap { $0.max { $0.observedAt < $1.observedAt } }
    let fresh = last.filter { $0.observedAt >= at - .hours(24) }
      .sorted { ($1.observedAt, $0.origin) < ($0.observedAt, $1.origin) }
    // A server that is asked by two names: each model and version once, as the latest observation has it.
    var models: [String: ObservedModel] = [:]
    var versions: [ModelVersionIdentity: ObservedModelVersion] = [:]
    for observation in fresh {
      for model in observation.models {
        let identity = "\(model.name) \(model.createdAt?.description ?? "")"
        if models[identity] == nil { models[identity] = model }
      }
      for version in observation.versions where versions[version.identity] == nil {
        versions[version.identity] = version
      }
    }
    let cryptos = Set(known).union(models.values.flatMap(\.cryptos)).union(
      versions.values.compactMap(\.crypto))
    return cryptos.map { crypto in
      let own = versions.values.filter { $0.crypto == crypto }
      let named = models.values.filter { $0.cryptos.contains(crypto) }
      let isKnown =
        !(own.isEmpty && named.isEmpty) && own.allSatisfy { $0.role != nil }
        && named.allSatisfy { $0.cryptos.count == 1 && $0.doubt == nil }
      guard isKnown else { return "challenger_count \(crypto) unknown" }
      let pending = own.count { $0.role == .challenger }
      return
        "challenger_count \(crypto) \(pending) \(pending > 10 ? "critical" : pending > 5 ? "warning" : "ok")"
    }
  }
}

extension RandomScenario {
  /// What a registry showed at some times before noon, under one or two names. The numbers come from a generator of their own.
  static func registries(_ random: SplitMix) -> [ModelObservation] {
    var random = SplitMix(state: random.state ^ 0x6D6C_666C_6F77)
    var found: [ModelObservation] = []
    let models = [
      ("BTCUSDC-h4", ["BTCUSDC"]), ("pte_BTCUSDC", ["BTCUSDC"]), ("pte_ETHUSDC", ["ETHUSDC"]), ("empty", []),
      ("pte_SOLUSDC", ["SOLUSDC"]), ("only_PEPEUSDC", ["PEPEUSDC"]),
      ("SOLUSDC-ETHUSDC", ["ETHUSDC", "SOLUSDC"]),
    ]
    for age in [2000, 1450, 1440, 700, 30, -600] as [Int64] where random.pick(true, true, false) {
      for origin in ["mlflow a", "mlflow b"].prefix(random.pick(1, 1, 2)) {
        let time = World.noon - .minutes(age)
        var seen = ModelObservation(origin: origin, beganAt: time - .minutes(1), observedAt: time)
        for (name, cryptos) in models where random.pick(true, true, name.contains("-") ? false : true) {
          let isDoubtful = random.pick(1, 2, 3, 4, 5, 6, 7, 8) == 1
          seen.models.append(
            ObservedModel(
              name: name, createdAt: World.noon - .days(100), cryptos: cryptos,
              doubt: isDoubtful && random.pick(true, false) ? "two aliases" : nil))
          for number in 1...random.pick(1, 4, 7, 12, 14) as ClosedRange<Int64> {
            let created = World.noon - .days(100 - number)
            seen.versions.append(
              ObservedModelVersion(
                ModelVersionIdentity(model: name, version: number, createdAt: created),
                crypto: number == 3 ? "SOLUSDC" : cryptos.count == 1 ? cryptos[0] : nil,
                role: isDoubtful && number == 1
                  ? nil
                  : number == 2
                    ? .champion : random.pick(.challenger, .challenger, .other, .former, .challenger),
                reason: "as made up"))
          }
        }
        found.append(seen)
      }
    }
    return found
  }
}
