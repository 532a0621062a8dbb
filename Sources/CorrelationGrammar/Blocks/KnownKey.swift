/// The keys that the grammar knows, by any of their spellings (1-correlation-data, Record).
public enum KnownKey {
  /// The canonical key: `crypto` for `symbol` and `Crypto`, `gates` for `gates`. Nil for a key of which a record has no value of its own.
  public static func canonical(_ key: String) -> String? {
    let text = Array(key.utf8)
    let name = KeyName(text.span, in: 0..<text.count)
    switch name {
    case .field, .gates: return name.keyText(text.span, 0..<text.count)
    case .deltaF1, .event, .extra: return nil
    }
  }
}
