public import LogModel

/// What a version of a registered model is to its model (3-classification, Models).
public enum ModelRole: String, Sendable, Hashable, CaseIterable {
  /// It is in use.
  case champion
  /// It waits for approval.
  case challenger
  /// It was the champion once, as an earlier observation saw.
  case former
  /// Somebody marked it as rejected.
  case rejected
  /// Somebody put it away.
  case archived
  /// None of these.
  case other
}

/// What tells a version apart over time. Numbers begin anew where a model was deleted and made again, and its time of registration tells
/// the two apart.
public struct ModelVersionIdentity: Sendable, Hashable {
  /// The registered model's name.
  public let model: String
  /// Its number, from 1.
  public let version: Int64
  /// When it was registered; nil where the server tells no time.
  public let createdAt: LogTime?

  /// An identity.
  public init(model: String, version: Int64, createdAt: LogTime?) {
    self.model = model
    self.version = version
    self.createdAt = createdAt
  }
}

/// A registered model, as one observation saw it.
public struct ObservedModel: Sendable, Hashable {
  /// Its name.
  public var name: String
  /// When it was registered; nil where that is not known.
  public var createdAt: LogTime?
  /// The crypto that it is for. Several where nothing decides between them; empty where it is for none.
  public var cryptos: [String]
  /// Why it is not known how many of its versions are challengers; nil where it is.
  public var doubt: String?

  /// A model.
  public init(name: String, createdAt: LogTime?, cryptos: [String], doubt: String? = nil) {
    self.name = name
    self.createdAt = createdAt
    self.cryptos = cryptos
    self.doubt = doubt
  }
}

/// A version of a registered model, as one observation saw it.
public struct ObservedModelVersion: Sendable, Hashable {
  /// Which one.
  public var identity: ModelVersionIdentity
  /// The crypto that it is for; nil where that is not known.
  public var crypto: String?
  /// What it is; nil where the server contradicts itself.
  public var role: ModelRole?
  /// Why it is that, or why that is not known. The same as long as nothing changes.
  public var reason: String
  /// Since when at the latest it is the champion; nil for other roles.
  public var championSince: LogTime?
  /// Since when at the earliest; nil where nothing bounds it.
  public var championSinceEarliest: LogTime?
  /// The server's stage, as `Production`.
  public var stage: String?
  /// The server's aliases, in order.
  public var aliases: [String]
  /// The server's status, as `READY`.
  public var status: String?
  /// The run that made it; nil where it has none.
  public var runID: String?
  /// What follows the server's address in a link to its page.
  public var linkPath: String

  /// A version.
  public init(
    _ identity: ModelVersionIdentity, crypto: String?, role: ModelRole?, reason: String,
    aliases: [String] = [],
    linkPath: String = ""
  ) {
    self.identity = identity
    self.crypto = crypto
    self.role = role
    self.reason = reason
    self.aliases = aliases
    self.linkPath = linkPath
  }
}

/// All that a model registry showed at one time.
public struct ModelObservation: Sendable, Hashable {
  /// Who was asked, 1 … 500 characters, without credentials.
  public var origin: String
  /// When the reading began: what it did not see was not so before.
  public var beganAt: LogTime
  /// When it ended: what it saw was so by then.
  public var observedAt: LogTime
  /// What a browser reaches the server by, without a slash at its end; nil for no links.
  public var linkURL: String?
  /// Every model, each name once.
  public var models: [ObservedModel]
  /// Every version, each number of a model once.
  public var versions: [ObservedModelVersion]
  /// What contradicted itself or was left out.
  public var warnings: [String]

  /// An observation.
  public init(
    origin: String, beganAt: LogTime, observedAt: LogTime, models: [ObservedModel] = [],
    versions: [ObservedModelVersion] = [], warnings: [String] = []
  ) {
    self.origin = origin
    self.beganAt = beganAt
    self.observedAt = observedAt
    self.models = models
    self.versions = versions
    self.warnings = warnings
  }
}

/// A version that an earlier observation saw as champion.
public struct PastChampion: Sendable, Hashable {
  /// Which one.
  public let identity: ModelVersionIdentity
  /// When its model was registered, as far as the observations know.
  public let modelCreatedAt: LogTime?
  /// The last time of which it is known, or the observation that no longer saw it.
  public let lastSeenAt: LogTime
  /// Whether the same server's latest observation saw it as champion.
  public let isStanding: Bool
  /// Since when at the latest, where it is standing.
  public let since: LogTime?
  /// Since when at the earliest, where it is standing.
  public let sinceEarliest: LogTime?

  /// A version that was champion.
  public init(
    _ identity: ModelVersionIdentity, modelCreatedAt: LogTime?, lastSeenAt: LogTime, isStanding: Bool = false,
    since: LogTime? = nil, sinceEarliest: LogTime? = nil
  ) {
    self.identity = identity
    self.modelCreatedAt = modelCreatedAt
    self.lastSeenAt = lastSeenAt
    self.isStanding = isStanding
    self.since = since
    self.sinceEarliest = sinceEarliest
  }
}

/// What the database knows of models before an observation is stored.
public struct ModelMemory: Sendable, Hashable {
  /// The cryptos of the universe and of stored records.
  public var cryptos: Set<String> = []
  /// When the same server's latest observation began; nil where it is the first one.
  public var previousBeganAt: LogTime?
  /// Every version that was champion in an earlier observation, of any server.
  public var champions: [PastChampion] = []
  /// Versions whose role the same server's latest observation could not tell.
  public var doubtful: Set<ModelVersionIdentity> = []

  /// Nothing known.
  public init() {}
}
