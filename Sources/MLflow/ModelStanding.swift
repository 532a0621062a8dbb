import DiagnosticWriter
import LogModel

/// What aliases and stages of one model say: its champion, and what a version is compared with.
struct ModelStanding {
  /// What one version is.
  struct Judgement {
    /// Nil where the server contradicts itself.
    var role: ModelRole?
    /// Why.
    var reason: String
    /// Its aliases, in order.
    var aliases: [String] = []
    /// What contradicts the role.
    var warnings: [String] = []
  }

  /// What a version's number is compared with.
  private enum Reference {
    /// The champion's number.
    case champion(Int64)
    /// The number of the last champion that was observed.
    case lastChampion(Int64)
    /// There never was one.
    case none
    /// It is not known which version is the champion.
    case unknown
  }

  private let names: RegistryNames
  private let aliases: [Int64: [String]]
  private var champion: Int64?
  private var championReason = ""
  /// Stage Production decides nothing, and nothing else is known of these.
  private var isProductionUnknown = false
  private var reference: Reference = .none

  /// Why it is not known which version is the champion.
  var doubt: String?
  /// What contradicts itself without leaving that open.
  private(set) var warnings: [String] = []

  init(_ model: RegisteredModel, _ versions: [ModelVersion], _ names: RegistryNames) {
    self.names = names
    var pairs = Set(model.aliases.map { Pair(alias: $0.key, version: $0.value) })
    for version in versions {
      for alias in version.aliases { pairs.insert(Pair(alias: alias, version: version.number)) }
    }
    aliases = Dictionary(grouping: pairs, by: \.version).mapValues { $0.map(\.alias).sorted() }
    chooseChampion(
      pairs.filter { Self.holds(names.championAliases, $0.alias) }.sorted { $0.alias < $1.alias }, versions)
    let numbers = Set(versions.map(\.number))
    for pair in pairs.sorted(by: { $0.alias < $1.alias })
    where Self.holds(names.challengerAliases, pair.alias) && !numbers.contains(pair.version) {
      warnings.append("the alias \(pair.alias) names version \(pair.version), which does not exist")
    }
  }

  private struct Pair: Hashable {
    let alias: String
    let version: Int64
  }

  private mutating func chooseChampion(_ named: [Pair], _ versions: [ModelVersion]) {
    let staged = versions.filter { $0.stage?.lowercased() == "production" }.map(\.number)
    if Set(named.map(\.version)).count > 1 {
      doubt =
        "the aliases \(named.map { "\($0.alias) (\($0.version))" }.joined(separator: " and ")) name different versions"
      reference = .unknown
      isProductionUnknown = true
      return
    }
    if let pair = named.first {
      guard versions.contains(where: { $0.number == pair.version }) else {
        warnings.append("the alias \(pair.alias) names version \(pair.version), which does not exist")
        guard !staged.isEmpty else { return }
        doubt = "version \(Self.list(staged)) in stage Production may be the champion in its place"
        reference = .unknown
        isProductionUnknown = true
        return
      }
      choose(pair.version, "alias \(pair.alias)")
      let others = staged.filter { $0 != pair.version }
      if !others.isEmpty {
        warnings.append(
          "version \(Self.list(others)) is in stage Production, but the alias \(pair.alias) names version \(pair.version), which counts"
        )
      }
    } else if let highest = staged.max() {
      choose(highest, "stage Production")
      if staged.count > 1 {
        warnings.append("versions \(Self.list(staged)) are in stage Production; the highest counts")
      }
    }
  }

  private mutating func choose(_ number: Int64, _ reason: String) {
    champion = number
    championReason = reason
    reference = .champion(number)
  }

  /// Where the model has no champion now, compares its versions with the last champion that was observed.
  mutating func recall(_ past: [PastChampion]) {
    guard case .none = reference,
      let last = past.max(by: {
        ($0.lastSeenAt, $0.identity.version) < ($1.lastSeenAt, $1.identity.version)
      })
    else { return }
    reference = .lastChampion(last.identity.version)
  }

  /// What a version is.
  /// - Parameters:
  ///   - version: The version.
  ///   - past: What is known of it as champion.
  ///   - now: When this is observed.
  /// - Returns: Role and reason.
  func judgement(of version: ModelVersion, past: [PastChampion], at now: LogTime) -> Judgement {
    let own = aliases[version.number] ?? []
    let marks = ModelMarks(version, own, names)
    var judgement = role(of: version, marks, past, now)
    judgement.aliases = own
    switch judgement.role {
    case .champion, .challenger:
      if let against = marks.against {
        judgement.warnings.append(
          "\(judgement.role?.rawValue ?? "") (\(judgement.reason)), and yet \(against)")
      }
    case .former, .rejected, .archived, .other, nil: break
    }
    return judgement
  }

  private func role(
    of version: ModelVersion, _ marks: ModelMarks, _ past: [PastChampion], _ now: LogTime
  ) -> Judgement {
    if version.number == champion { return Judgement(role: .champion, reason: championReason) }
    if let doubt, isProductionUnknown, marks.mayBeChampion {
      return Judgement(role: nil, reason: doubt)
    }
    if let naming = marks.challenger { return Judgement(role: .challenger, reason: naming) }
    if let last = past.map({ $0.isStanding ? now : $0.lastSeenAt }).max() {
      let end = marks.against.map { "; " + $0 } ?? ""
      return Judgement(role: .former, reason: "champion until \(last) at the latest" + end)
    }
    if let archived = marks.archived { return Judgement(role: .archived, reason: archived) }
    if let rejected = marks.rejected { return Judgement(role: .rejected, reason: rejected) }
    guard version.status?.uppercased() == "READY" else {
      return Judgement(role: .other, reason: "status \(version.status ?? "unknown")")
    }
    switch reference {
    case .champion(let number):
      return version.number > number
        ? Judgement(role: .challenger, reason: "newer than the champion \(number)")
        : Judgement(role: .other, reason: "older than the champion \(number)")
    case .lastChampion(let number):
      return version.number > number
        ? Judgement(role: .challenger, reason: "newer than the last champion \(number); there is none now")
        : Judgement(role: .other, reason: "not newer than the last champion \(number); there is none now")
    case .none: return Judgement(role: .challenger, reason: "its model has no champion")
    case .unknown:
      return Judgement(role: nil, reason: doubt ?? "it is not known which version is the champion")
    }
  }

  static func holds(_ names: [String], _ text: String) -> Bool {
    names.contains { $0.lowercased() == text.lowercased() }
  }

  private static func list(_ numbers: [Int64]) -> String {
    numbers.sorted().map { "\($0)" }.joined(separator: ", ")
  }
}

/// What aliases, stage and tags say of one version by itself.
struct ModelMarks {
  /// What names it a challenger.
  let challenger: String?
  /// What puts it away.
  let archived: String?
  /// What rejects it.
  let rejected: String?
  /// Whether an alias or the stage of a champion is on it.
  let mayBeChampion: Bool

  /// What speaks against its being in use or waiting.
  var against: String? { archived ?? rejected }

  init(_ version: ModelVersion, _ aliases: [String], _ names: RegistryNames) {
    let stage = version.stage?.lowercased()
    func alias(_ wanted: [String]) -> String? {
      aliases.first { ModelStanding.holds(wanted, $0) }.map { "alias \($0)" }
    }
    challenger = alias(names.challengerAliases) ?? (stage == "staging" ? "stage Staging" : nil)
    archived =
      (stage == "archived" ? "stage Archived" : nil) ?? alias(["archived"])
      ?? Self.tag("archived", version.tags, names)
    rejected = Self.tag("rejected", version.tags, names)
    mayBeChampion = stage == "production" || alias(names.championAliases) != nil
  }

  /// The tag that says a word: by its own name, or as the value of one that tells decisions.
  private static func tag(_ word: String, _ tags: [String: String], _ names: RegistryNames) -> String? {
    let found = tags.sorted { $0.key < $1.key }.first { key, value in
      let value = value.lowercased()
      return key.lowercased() == word
        ? !["false", "no", "0"].contains(value)
        : value == word && ModelStanding.holds(names.decisionTags, key)
    }
    return found.map { "tag \($0.key)=\(RoleAssignment.short($0.value))" }
  }
}
