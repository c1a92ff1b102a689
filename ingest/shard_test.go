package ingest

import (
	"fmt"
	"testing"
)

func TestParseShard(t *testing.T) {
	if s, err := ParseShard("3/16"); s != (Shard{3, 16}) || err != nil {
		t.Errorf("%v, %v", s, err)
	}
	for _, bad := range []string{"", "3", "0/4", "5/4", "-1/4", "a/b", "1/0", "1/2/3", "1/1000000"} {
		if s, err := ParseShard(bad); err == nil {
			t.Errorf("%q gives %v", bad, s)
		}
	}
}

// TestShards holds that each object is in one part, whatever the folder, and
// that the parts are about even.
func TestShards(t *testing.T) {
	const of, objects = 7, 7000
	var count [of]int
	for i := range objects {
		name := fmt.Sprintf("111122223333_CloudTrail_eu-west-1_20260302T%04dZ_x.json.gz", i)
		parts := 0
		for n := range of {
			s := Shard{n + 1, of}
			if s.Has("s3://b/AWSLogs/" + name) {
				parts++
				count[n]++
			}
			if s.Has("s3://b/AWSLogs/"+name) != s.Has("/mnt/"+name) {
				t.Fatal("the folder decides")
			}
		}
		if parts != 1 {
			t.Fatalf("%s is in %d parts", name, parts)
		}
	}
	for n, c := range count {
		if c < objects/of*8/10 || c > objects/of*12/10 {
			t.Errorf("part %d has %d of %d objects", n+1, c, objects)
		}
	}
	if !(Shard{}).Has("anything") {
		t.Error("the zero value is not the whole")
	}
}
