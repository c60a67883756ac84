package wire

// FeatureRoot says that a server lets in who holds the root sheet, and a desk asks for it.
const FeatureRoot = "root"

// The types of requests by the root, without a log-in, under FeatureRoot.
const (
	TypeRootOpen = "root.open" // RootOpen → Empty: from then on the connection may read the directory and who waits
	TypeRootRead = "root.read" // RootRead → RootReadReply
)

// RootOpen carries a signed trust.RootProof.
type RootOpen struct {
	_     struct{} `cbor:",toarray"`
	Proof []byte
}

// RootRead asks for a page of the directory's log, after an entry; 0 for the first.
type RootRead struct {
	_     struct{} `cbor:",toarray"`
	After uint64
}

// RootReadReply holds statements as they were signed, in order; the log's last entry is Last.
type RootReadReply struct {
	_          struct{} `cbor:",toarray"`
	Statements [][]byte
	Last       uint64
}
