package event

// Batch is what one source object held, decoded whole: all or nothing of it
// reaches the lake.
type Batch struct {
	Object Object
	Events []Event
	// Rejected are records that are no event, each with its reason; they go
	// to quarantine while the rest of the object counts.
	Rejected []Rejected
	// RawBytes is the size of the object after decompression.
	RawBytes int64
	// UTF8 says that all texts of the events are known to be valid UTF-8.
	UTF8 bool
}

// Rejected is a record that could not become an event.
type Rejected struct {
	// Index is the record's place in its object, from 0.
	Index int
	// Reason says, in a sentence without a period, what is wrong.
	Reason string
	// Record is the text of the record as it came.
	Record string
}
