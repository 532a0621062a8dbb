public import DiagnosticWriter
public import LogModel

/// Tells what each version of a registry is (3-classification, Models), from what the registry shows and what earlier observations saw.
public struct RoleAssignment {
  /// So many warnings are kept; the rest is counted.
  private static let mostWarnings = 100

  private let registry: Registry
  private let names: RegistryNames
  private let memory: ModelMemory
  private let cryptoNames: CryptoNames
  private let listed: Set<String>
  private var observation: ModelObservation
  private var warned: Set<String> = []

  /// What a registry showed.
  /// - Parameters:
  ///   - registry: The registry.
  ///   - names: By which names aliases and tags tell.
  ///   - memory: What is known from before.
  ///   - origin: The server.
  ///   - beganAt: When the reading began.
  ///   - observedAt: When it ended.
  ///   - linkURL: What a browser reaches the server by; nil for no links.
  /// - Returns: The observation to store.
  public static func observation(
    of registry: Registry, names: RegistryNames, memory: ModelMemory, origin: String, beganAt: LogTime,
    observedAt: LogTime, linkURL: String?
  ) -> ModelObservation {
    var assignment = RoleAssignment(
      registry: registry, names: names, memory: memory, cryptoNames: CryptoNames(memory.cryptos),
      listed: Set(registry.models.map(\.name)),
      observation: ModelObservation(origin: origin, beganAt: beganAt, observedAt: observedAt))
    assignment.observation.linkURL = linkURL
    assignment.assign()
    return assignment.observation
  }

  private mutating func assign() {
    let versions = Dictionary(grouping: registry.versions, by: \.model)
    if registry.models.isEmpty {
      warn(
        "the server shows no registered model: are there none, or has the user no right to see them (workspace?)"
      )
    }
    for model in registry.models { assign(model, versions[model.name] ?? []) }
    for name in versions.keys.sorted() where !listed.contains(name) {
      assignHidden(name, versions[name] ?? [])
    }
    warnOfSeveralChampions()
    let rest = observation.warnings.count - Self.mostWarnings
    if rest > 0 { observation.warnings[Self.mostWarnings...] = ["\(rest) more are not listed"] }
  }

  private mutating func assign(_ model: RegisteredModel, _ versions: [ModelVersion]) {
    let cryptos = cryptos(of: model)
    var standing = ModelStanding(model, versions, names)
    standing.recall(memory.champions.filter { isOf($0, model) })
    if versions.isEmpty, model.hasVersions {
      standing.doubt = "the server shows none of its versions: rights?"
    }
    for warning in standing.warnings { warn("\(model.name): \(warning)") }
    if let doubt = standing.doubt { warn("\(model.name): \(doubt)") }
    observation.models.append(
      ObservedModel(name: model.name, createdAt: model.createdAt, cryptos: cryptos, doubt: standing.doubt))
    for version in versions {
      let past = memory.champions.filter { isOf($0, model) && isSame($0, version) }
      add(
        version, standing.judgement(of: version, past: past, at: observation.observedAt), cryptos,
        past, model.createdAt)
    }
  }

  /// Versions whose model is hidden: their aliases are not known.
  private mutating func assignHidden(_ name: String, _ versions: [ModelVersion]) {
    let doubt = "it is not among the models that the server shows, so its aliases are not known: rights?"
    warn("\(name): \(doubt)")
    let cryptos = cryptoNames.cryptos(in: name)
    observation.models.append(ObservedModel(name: name, createdAt: nil, cryptos: cryptos, doubt: doubt))
    for version in versions {
      add(
        version,
        ModelStanding.Judgement(role: nil, reason: "its model is not among those that the server shows"),
        cryptos, [], nil)
    }
  }

  private mutating func add(
    _ version: ModelVersion, _ judgement: ModelStanding.Judgement, _ cryptos: [String],
    _ past: [PastChampion],
    _ modelCreatedAt: LogTime?
  ) {
    let label = "\(version.model) \(version.number)"
    for warning in judgement.warnings { warn("\(label): \(warning)") }
    if version.createdAt.map({ $0 > observation.observedAt }) ?? true {
      warn(
        "\(label): \(version.createdAt.map { "registered in the future, \($0)" } ?? "no time of its registration")"
      )
    }
    var observed = ObservedModelVersion(
      ModelVersionIdentity(model: version.model, version: version.number, createdAt: version.createdAt),
      crypto: tagged(version.tags, version.model) ?? (cryptos.count == 1 ? cryptos[0] : nil),
      role: judgement.role,
      reason: judgement.reason, aliases: judgement.aliases,
      linkPath: "/#/models/\(Self.escaped(version.model))/versions/\(version.number)")
    observed.stage = version.stage
    observed.status = version.status
    observed.runID = version.runID
    if judgement.role == .champion {
      (observed.championSinceEarliest, observed.championSince) = championship(
        of: version, past, observed.identity)
    }
    observation.versions.append(observed)
  }

  /// Between which times a version that is champion became it.
  private func championship(
    of version: ModelVersion, _ past: [PastChampion], _ identity: ModelVersionIdentity
  ) -> (earliest: LogTime?, latest: LogTime) {
    let now = observation.observedAt
    let registered = version.createdAt.flatMap { $0 <= now ? $0 : nil }
    if let promoted = version.tags[names.promotionTag].flatMap({ LogTime($0) }), promoted <= now,
      registered.map({ $0 <= promoted }) ?? true
    {
      return (promoted, promoted)
    }
    if let standing = past.first(where: { $0.isStanding && $0.since != nil }) {
      return (standing.sinceEarliest, standing.since ?? now)
    }
    // The observation before saw another role, unless it could not tell.
    let before = memory.doubtful.contains(identity) ? nil : memory.previousBeganAt
    let earliest = [registered, before].compactMap(\.self).max()
    guard version.stage?.lowercased() == "production", let updated = version.updatedAt,
      updated < now, earliest.map({ $0 <= updated }) ?? true
    else { return (earliest, now) }
    return (earliest, updated)
  }

  // MARK: Cryptos

  private mutating func cryptos(of model: RegisteredModel) -> [String] {
    if let tagged = tagged(model.tags, model.name) { return [tagged] }
    let found = cryptoNames.cryptos(in: model.name)
    if found.count > 1 {
      warn(
        "\(model.name): its name tells \(found.joined(separator: " and ")); a tag \(names.cryptoTag) would decide"
      )
    } else if found.isEmpty {
      warn("\(model.name): neither a tag \(names.cryptoTag) nor its name tells a crypto")
    }
    return found
  }

  private mutating func tagged(_ tags: [String: String], _ label: String) -> String? {
    guard let value = tags[names.cryptoTag], value.contains(where: { !$0.isWhitespace }) else { return nil }
    if let known = cryptoNames.spelling(value) { return known }
    warn(
      "\(label): the tag \(names.cryptoTag) names \(Self.short(value)), which is neither in the universe nor in a record"
    )
    return value
  }

  // MARK: What is the same

  /// Whether a champion of before was a version of the model, under this name or the one that it had before.
  private func isOf(_ past: PastChampion, _ model: RegisteredModel) -> Bool {
    let isNamed = past.identity.model == model.name
    let isRenamed =
      !listed.contains(past.identity.model) && past.modelCreatedAt != nil
      && past.modelCreatedAt == model.createdAt
    // One that is older than the model was of another model of that name, which is gone.
    guard isNamed || isRenamed else { return false }
    guard let created = model.createdAt, let version = past.identity.createdAt else { return true }
    return version >= created
  }

  private func isSame(_ past: PastChampion, _ version: ModelVersion) -> Bool {
    past.identity.version == version.number && past.identity.createdAt == version.createdAt
  }

  // MARK: Reports

  private mutating func warnOfSeveralChampions() {
    let champions = observation.versions.filter { $0.role == .champion }
    for (crypto, own) in Dictionary(grouping: champions, by: \.crypto).sorted(by: {
      ($0.key ?? "") < ($1.key ?? "")
    }) {
      guard let crypto, own.count > 1 else { continue }
      let list = own.map { "\($0.identity.model) \($0.identity.version)" }.joined(separator: ", ")
      warn("\(crypto) has \(own.count) champions, each of a model of its own: \(list)")
    }
  }

  /// Each once: the versions of a model repeat what its tags say.
  private mutating func warn(_ text: String) {
    if warned.insert(text).inserted { observation.warnings.append(text) }
  }

  static func short(_ text: String) -> String { text.count > 100 ? text.prefix(100) + "…" : text }

  /// As a part of a URL's path.
  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain =
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || "-._~".utf8.contains(byte)
      guard !isPlain else { return String(UnicodeScalar(byte)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
    }.joined()
  }
}
