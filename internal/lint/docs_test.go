package lint

import (
	"go/ast"
	"go/token"
	"path"
	"strings"
)

// checkPackageDocs asks for one package comment a package.
func checkPackageDocs(t *tree) []breach {
	first, documented := map[string]*file{}, map[string]bool{}
	var dirs []string
	for _, f := range t.goFiles() {
		dir := path.Dir(f.path)
		if first[dir] == nil {
			first[dir], dirs = f, append(dirs, dir)
		}
		if f.ast.Doc != nil && strings.HasPrefix(f.ast.Doc.Text(), f.packageDoc()) {
			documented[dir] = true
		}
	}
	var found []breach
	for _, dir := range dirs {
		if !documented[dir] {
			f := first[dir]
			found = append(found, f.at(f.ast.Package, "package %s has no comment that begins %q", dir, f.packageDoc()))
		}
	}
	return found
}

// packageDoc is how the comment of the file's package begins.
func (f *file) packageDoc() string {
	name := strings.TrimSuffix(f.ast.Name.Name, "_test")
	if name == "main" {
		return "Command " + path.Base(path.Dir(f.path)) + " "
	}
	return "Package " + name + " "
}

// checkExported asks for a comment on each exported name. Methods of
// unexported types serve an interface, which has the comment; so do Error,
// Unwrap and String.
func checkExported(t *tree) []breach {
	var found []breach
	for _, f := range t.goFiles() {
		if f.test() {
			continue
		}
		for _, d := range f.ast.Decls {
			for _, name := range undocumented(d) {
				found = append(found, f.at(name.Pos(), "exported %s has no comment", name.Name))
			}
		}
	}
	return found
}

func undocumented(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && ofExported(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		if d.Doc == nil || d.Tok == token.TYPE && d.Lparen.IsValid() {
			return undocumentedSpecs(d.Specs)
		}
	}
	return nil
}

// undocumentedSpecs looks at the names of a declaration without a comment of
// its own: each may have one before or behind it.
func undocumentedSpecs(specs []ast.Spec) []*ast.Ident {
	var names []*ast.Ident
	for _, s := range specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
				names = append(names, s.Name)
			}
		case *ast.ValueSpec:
			for _, n := range s.Names {
				if s.Doc == nil && s.Comment == nil && n.IsExported() {
					names = append(names, n)
				}
			}
		}
	}
	return names
}

// ofExported reports whether a function is a plain one, or a method that needs
// a comment.
func ofExported(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	switch d.Name.Name {
	case "Error", "Unwrap", "String":
		return false
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}
