extension SourceStream {
  /// What the table of streams keeps account of.
  enum Standing: Equatable {
    /// The next line is nothing, unless it is a header.
    case idle
    /// No block is open, and the last line was a block's: an end marker would be late.
    case behindBlock
    /// The block whose header has this place is open.
    case open(Int)

    var openPlace: Int? {
      switch self {
      case .open(let place): place
      case .idle, .behindBlock: nil
      }
    }
  }

  /// What the next line may be to the stream.
  var standing: Standing { openPlace.map(Standing.open) ?? (machine.isBehindBlock ? .behindBlock : .idle) }

  /// Whether the end of a record can matter to the open block.
  var heedsRecordEnd: Bool { machine.heedsRecordEnd }

  /// The block that is held back and the open one, if there are such.
  var unfinishedBlocks: [BlockMark] {
    [interleaving.heldBack?.block.header.mark, block?.header.mark].compactMap(\.self)
  }
}
