import LogInput

/// Why an object store gave no answer that helps. Never holds credentials.
struct StoreFailure: Error, Hashable {
  /// What kind of trouble it is.
  let trouble: BucketTrouble
  /// What happened, in a few words.
  let text: String
  /// What to try, where the answer tells more than the kind of trouble.
  let hint: String?

  init(_ trouble: BucketTrouble, _ text: String, hint: String? = nil) {
    self.trouble = trouble
    self.text = text
    self.hint = hint
  }
}

/// Why the environment and the configuration files make no object store that can be asked.
public struct ConfigurationFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
