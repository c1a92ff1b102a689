package ingest

// API is the client that the bucket is read with, in the bucket's region, for
// who reads more of it than logs.
func (s *S3) API() S3API { return s.api }

// ListError puts what went wrong with a listing below the source into words;
// it is an *S3Error.
func (s *S3) ListError(err error) error { return s.listError(s.prefix, err) }
