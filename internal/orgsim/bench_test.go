package orgsim

import "testing"

func BenchmarkGenerate(b *testing.B) {
	cfg := Default()
	cfg.Days, cfg.Events = 9, 40_000
	for b.Loop() {
		org, err := Generate(b.TempDir(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(org.RawBytes)
	}
}
