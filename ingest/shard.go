package ingest

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// Shard is one of the parts that an archive's objects fall into by their
// names, so that runs on several machines, one a part, read each object once.
// The zero value is the whole.
type Shard struct{ Number, Of int } // Number is 1 to Of

// ParseShard reads 3/16.
func ParseShard(s string) (Shard, error) {
	number, of, ok := strings.Cut(s, "/")
	n, err := strconv.Atoi(number)
	m, merr := strconv.Atoi(of)
	if !ok || err != nil || merr != nil || n < 1 || n > m || m > 100_000 {
		return Shard{}, fmt.Errorf("%q is no shard", s)
	}
	return Shard{n, m}, nil
}

// Has reports whether the object belongs to the part. Its file name decides,
// which is the same wherever the archive is mounted or copied to.
func (s Shard) Has(uri string) bool {
	if s.Of <= 1 {
		return true
	}
	h := fnv.New64a()
	h.Write([]byte(uri[strings.LastIndexAny(uri, `/\`)+1:]))
	return int(h.Sum64()%uint64(s.Of)) == s.Number-1
}
