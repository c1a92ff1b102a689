// Package ingest finds, lists, fetches and decodes CloudTrail objects, and
// drives a Sink with what they hold.
//
// In come directories, files, a stream and S3 prefixes (Source); out go
// batches of events, object by object and in a fixed order, whatever the
// number of workers (Run). What cannot be read is handed to the sink's
// quarantine with its reason, and the rest goes on. The package knows neither
// the lake's format nor what an event means.
//
//	batch, err := ingest.Decode(event.Object{URI: "x.json.gz"}, content, ingest.Limits{})
//	sum, err := ingest.Run(ctx, ingest.Config{Sources: sources, Sink: lake})
package ingest
