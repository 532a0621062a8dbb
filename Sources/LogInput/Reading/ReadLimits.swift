/// The most that one log may cost (6-bars, Limits). A log that passes a limit is refused; all others are read.
public struct ReadLimits: Sendable, Hashable {
  /// The most bytes that one log may have, after decompression if it is compressed.
  public var decompressedBytes: Int
  /// The most decompressed bytes for each compressed byte. The limit is checked once a log has more than ``expansionGrace`` bytes.
  public var expansion: Int
  /// So many decompressed bytes may come before ``expansion`` is checked.
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
