/// What one log may cost (6-bars, Limits). A breach affects that log only.
public struct ReadLimits: Sendable, Hashable {
  /// The most bytes that one log may have when decompressed; plain logs too.
  public var decompressedBytes: Int
  /// How many bytes one compressed byte may become, once ``expansionGrace`` is passed.
  public var expansion: Int
  /// How many decompressed bytes are never held against ``expansion``.
  public var expansionGrace: Int
  /// How many folders below its root a log may lie.
  public var pathDepth: Int

  /// The limits of 6-bars, Limits: 16 GiB, 250:1 after the first 64 MiB, 64 folders.
  public init(
    decompressedBytes: Int = 16 << 30, expansion: Int = 250, expansionGrace: Int = 64 << 20,
    pathDepth: Int = 64
  ) {
    self.decompressedBytes = decompressedBytes
    self.expansion = expansion
    self.expansionGrace = expansionGrace
    self.pathDepth = pathDepth
  }
}
