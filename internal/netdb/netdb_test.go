package netdb

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/netdb/mmdbtest"
	"github.com/trimtrail/trimtrail/rules"
)

func written(t *testing.T, name, kind string, networks ...mmdbtest.Network) string {
	t.Helper()
	data, err := mmdbtest.Bytes(kind, networks)
	if err != nil {
		t.Fatal(err)
	}
	return saved(t, name, data)
}

func saved(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const awsList = `{"syncToken":"1","prefixes":[
 {"ip_prefix":"192.0.2.0/24","region":"eu-west-1","service":"AMAZON"},{"ip_prefix":"192.0.2.0/24","region":"eu-west-1","service":"EC2"},
 {"ip_prefix":"192.0.2.128/25","region":"us-east-1","service":"AMAZON"}],
 "ipv6_prefixes":[{"ipv6_prefix":"3fff:a::/32","region":"eu-central-1","service":"S3"},{"ipv6_prefix":"3fff:a::/32","region":"eu-central-1","service":"AMAZON"}]}`

// TestPlace holds what is read of each publisher's fields, and which file wins.
func TestPlace(t *testing.T) {
	long := strings.Repeat("Very Long Name ", 10)
	asns := written(t, "asn.mmdb", "GeoLite2-ASN",
		mmdbtest.Network{Prefix: "198.51.100.0/24", Record: map[string]any{"autonomous_system_number": uint32(64500), "autonomous_system_organization": "Example Office"}},
		mmdbtest.Network{Prefix: "198.51.100.128/25", Record: map[string]any{"autonomous_system_number": uint32(64501), "autonomous_system_organization": long}},
		mmdbtest.Network{Prefix: "2001:db8::/32", Record: map[string]any{"autonomous_system_number": uint32(4200000000)}})
	countries := written(t, "country.mmdb", "GeoLite2-Country",
		mmdbtest.Network{Prefix: "198.51.100.0/24", Record: map[string]any{"country": map[string]any{"iso_code": "DE"}}},
		mmdbtest.Network{Prefix: "203.0.113.0/24", Record: map[string]any{"registered_country": map[string]any{"iso_code": "NL"}}})
	lite := written(t, "lite.mmdb", "ipinfo lite",
		mmdbtest.Network{Prefix: "203.0.113.0/24", Record: map[string]any{"asn": "AS64502", "as_name": "Example\n Hosting", "country_code": "us", "country": "United States"}})
	aws := saved(t, "ip-ranges.json", []byte(awsList))
	db, err := Open([]string{asns, countries, lite}, aws)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct {
		address string
		want    rules.Place
	}{
		{"198.51.100.7", rules.Place{ASN: 64500, Owner: "Example Office", Country: "DE"}},
		{"198.51.100.200", rules.Place{ASN: 64501, Owner: strings.TrimSpace(long)[:80], Country: "DE"}},
		{"2001:db8:1::1", rules.Place{ASN: 4200000000}},
		{"203.0.113.9", rules.Place{ASN: 64502, Owner: "Example Hosting", Country: "NL"}},
		{"192.0.2.5", rules.Place{Region: "eu-west-1", Service: "EC2"}},
		{"192.0.2.200", rules.Place{Region: "us-east-1", Service: "AMAZON"}},
		{"3fff:a:1::1", rules.Place{Region: "eu-central-1", Service: "S3"}},
		{"3fff:b::1", rules.Place{}},
		{"10.0.0.1", rules.Place{}},
	} {
		if got := db.Place(netip.MustParseAddr(c.address)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.address, got, c.want)
		}
	}
	if db.Trouble() != nil {
		t.Error(db.Trouble())
	}
}

func TestBadFiles(t *testing.T) {
	good := saved(t, "ip-ranges.json", []byte(awsList))
	for name, c := range map[string]struct {
		mmdb []string
		aws  string
	}{
		"no such file":        {[]string{"nowhere.mmdb"}, ""},
		"not an MMDB file":    {[]string{saved(t, "a.mmdb", []byte("hello, world"))}, ""},
		"an empty file":       {[]string{saved(t, "b.mmdb", nil)}, ""},
		"no such ranges":      {nil, "nowhere.json"},
		"no JSON":             {nil, saved(t, "c.json", []byte("prefixes"))},
		"other JSON":          {nil, saved(t, "d.json", []byte(`{"prefixes":[]}`))},
		"a prefix that is no": {nil, saved(t, "e.json", []byte(`{"prefixes":[{"ip_prefix":"300.1.1.1/8"}]}`))},
		"ranges as MMDB":      {[]string{good}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(c.mmdb, c.aws)
			var fe *FileError
			if !errors.As(err, &fe) || !strings.Contains(err.Error(), fe.Name) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A file that was cut short or changed is told of, and never a crash.
func TestBrokenRecords(t *testing.T) {
	data, err := mmdbtest.Bytes("GeoLite2-ASN", []mmdbtest.Network{{Prefix: "198.51.100.0/24", Record: map[string]any{"autonomous_system_organization": "Example Office"}}})
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for i := range len(data) - 200 {
		broken := append([]byte{}, data...)
		broken[i+100] ^= 0xff
		db, err := Open([]string{saved(t, "x.mmdb", broken)}, "")
		if err != nil {
			told++
			continue
		}
		db.Place(netip.MustParseAddr("198.51.100.7"))
		if db.Trouble() != nil {
			told++
		}
		db.Close()
	}
	if told == 0 {
		t.Error("no broken file was noticed")
	}
}
