package lint

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// tree is the source of a repository, read once for all rules.
type tree struct {
	files   []*file  // by path
	modules []string // folders that hold a module of their own
}

// file is one file of the tree.
type file struct {
	path string // from the root, with slashes
	text string
	fset *token.FileSet
	ast  *ast.File // nil where it is no Go source of ours
}

// breach is a place where a rule is broken.
type breach struct {
	path string
	line int
	text string
}

func (b breach) String() string { return fmt.Sprintf("%s:%d: %s", b.path, b.line, b.text) }

// readTree reads and parses the named files. A name that is gone is left out:
// somebody may be at work in the tree.
func readTree(fsys fs.FS, names []string) (*tree, error) {
	t := &tree{}
	fset := token.NewFileSet()
	names = slices.Sorted(slices.Values(names))
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f := &file{path: name, text: string(data), fset: fset}
		if strings.HasSuffix(name, ".go") && !fixture(name) {
			f.ast, err = parser.ParseFile(fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
		}
		if path.Base(name) == "go.mod" && path.Dir(name) != "." {
			t.modules = append(t.modules, path.Dir(name))
		}
		t.files = append(t.files, f)
	}
	return t, nil
}

// fixture reports whether a file is data of a test.
func fixture(name string) bool {
	return strings.HasPrefix(name, "testdata/") || strings.Contains(name, "/testdata/")
}

// goFiles returns the parsed files.
func (t *tree) goFiles() []*file {
	var files []*file
	for _, f := range t.files {
		if f.ast != nil {
			files = append(files, f)
		}
	}
	return files
}

// nested reports whether a file belongs to another module than the root's.
func (t *tree) nested(name string) bool {
	return slices.ContainsFunc(t.modules, func(dir string) bool { return strings.HasPrefix(name, dir+"/") })
}

func (f *file) test() bool { return strings.HasSuffix(f.path, "_test.go") }

// at makes a breach at a position of the syntax tree.
func (f *file) at(pos token.Pos, format string, args ...any) breach {
	return breach{f.path, f.fset.Position(pos).Line, fmt.Sprintf(format, args...)}
}

// line makes a breach at a line, from 1.
func (f *file) line(n int, format string, args ...any) breach {
	return breach{f.path, n, fmt.Sprintf(format, args...)}
}

type imported struct {
	path string
	name string // that the file uses it by
	pos  token.Pos
}

func (f *file) imports() []imported {
	var list []imported
	for _, spec := range f.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has refused it already
		}
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		list = append(list, imported{p, name, spec.Pos()})
	}
	return list
}

// uses calls each with every mention of a function or type of the imported
// package, as in os.Exit.
func (f *file) uses(importPath string, root ast.Node, each func(name string, pos token.Pos)) {
	for _, i := range f.imports() {
		if i.path != importPath {
			continue
		}
		ast.Inspect(root, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == i.name {
					each(s.Sel.Name, s.Pos())
				}
			}
			return true
		})
	}
}

// compare orders breaches by path, line and text.
func compare(a, b breach) int {
	return cmp.Or(strings.Compare(a.path, b.path), a.line-b.line, strings.Compare(a.text, b.text))
}
