package lint

import (
	"go/token"
	"path"
	"slices"
)

// pure lists the packages that see only their arguments: no I/O, clock,
// environment, flags or chance.
var pure = []string{"analyze", "rules"}

// impurePackages may not be imported there. net/netip and net/url, which only
// parse, are fine.
var impurePackages = []string{
	"crypto/rand", "embed", "expvar", "flag", "io/fs", "io/ioutil", "log", "log/slog", "log/syslog", "math/rand", "math/rand/v2",
	"net", "net/http", "net/mail", "net/rpc", "net/smtp", "os", "os/exec", "os/signal", "os/user", "path/filepath", "plugin",
	"runtime", "runtime/debug", "syscall", "testing/fstest", "time/tzdata", "unsafe",
}

// impureNames may not be used there though the package may.
var impureNames = map[string][]string{
	"time": {"After", "AfterFunc", "LoadLocation", "Local", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"},
	"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
}

// checkPurity holds the sources of the pure packages; their tests may do I/O.
func checkPurity(t *tree) []breach {
	var found []breach
	for _, f := range t.goFiles() {
		if dir := path.Dir(f.path); slices.Contains(pure, dir) && !f.test() {
			found = append(found, f.impurities(dir)...)
		}
	}
	return found
}

func (f *file) impurities(dir string) []breach {
	var found []breach
	for _, i := range f.imports() {
		if slices.Contains(impurePackages, i.path) {
			found = append(found, f.at(i.pos, "%s is pure and may not import %s", dir, i.path))
		}
		f.uses(i.path, f.ast, func(name string, pos token.Pos) {
			if slices.Contains(impureNames[i.path], name) {
				found = append(found, f.at(pos, "%s is pure and may not use %s.%s", dir, i.path, name))
			}
		})
	}
	return found
}
