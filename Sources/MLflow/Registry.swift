/// What a model registry shows: each model once, by name, and each version once, by model and number.
public struct Registry: Sendable, Hashable {
  let models: [RegisteredModel]
  let versions: [ModelVersion]

  /// Without the prompts, which are registered as models are.
  init(models: [RegisteredModel], versions: [ModelVersion]) {
    let isPrompt = { (tags: [String: String]) in tags["mlflow.prompt.is_prompt"]?.lowercased() == "true" }
    let prompts = Set(models.filter { isPrompt($0.tags) }.map(\.name))
    self.models = models.filter { !prompts.contains($0.name) }
    self.versions = versions.filter { !prompts.contains($0.model) && !isPrompt($0.tags) }
  }
}

/// By which names aliases and tags tell what a version is. Names and values are compared without case.
public struct RegistryNames: Sendable, Hashable {
  /// Aliases of the champion.
  public var championAliases = ["champion"]
  /// Aliases of a challenger.
  public var challengerAliases = ["challenger"]
  /// Tags whose value says `rejected` or `archived`.
  public var decisionTags = ["status", "validation_status", "decision", "stage"]
  /// The tag that names the crypto.
  public var cryptoTag = "crypto"
  /// The tag that tells when a version became champion, as an ISO date.
  public var promotionTag = "promoted_at"

  /// The defaults.
  public init() {}
}
