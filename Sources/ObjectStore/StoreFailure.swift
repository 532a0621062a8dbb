import LogInput

/// The failure of a request to an object store. It never holds credentials.
struct StoreFailure: Error, Hashable {
  /// The kind of trouble.
  let trouble: BucketTrouble
  /// What happened, in a few words.
  let text: String
  /// What to try, if the answer tells more than the kind of trouble.
  let hint: String?

  init(_ trouble: BucketTrouble, _ text: String, hint: String? = nil) {
    self.trouble = trouble
    self.text = text
    self.hint = hint
  }
}

/// A mistake in the environment or in the configuration files, by which no object store can be asked.
public struct ConfigurationFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The mistake, and what to do.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
