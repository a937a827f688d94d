import type { Rule } from '../rule.ts'

const UNTRUSTED_TEMPLATE = 'Keep templates as files and pass values as their parameters.'

/** A text is run as a program of the same language, or of one that is embedded. */
export const CODE: Rule = {
  id: 'code.dangerous_execution.code',
  severity: 'critical',
  cwe: 95,
  title: 'A text that is not constant is run as code',
  fix: 'Parse the data instead (JSON, ast.literal_eval), or choose between functions by a fixed table of names.',
  sinks: {
    javascript: [
      {
        call: 'eval vm.runInNewContext vm.runInThisContext vm.runInContext vm.compileFunction vm.Script vm2.VM().run vm2.NodeVM().run vm2.VMScript require-from-string _eval safe-eval static-eval notevil ivm.Isolate().compileScript execScript importScripts setImmediate.text quickjs.evalCode Function.constructor',
        take: 'code',
      },
      {
        call: 'Function AsyncFunction GeneratorFunction Function.prototype.constructor',
        take: 'code',
        args: [0, 1, 2, 3],
      },
      { call: '*.constructor', take: 'code', where: [{ on: /Function|getPrototypeOf|constructor|=>|^=/ }] },
      { call: '*.compileScript *.runInContext *.evalCode *._compile *.evaluateScript *.evalSync', take: 'code' },
      { call: '*.run', take: 'code', where: [{ on: /(?:vm2?|VM|sandbox|NodeVM)(?:\(\))?$/ }] },
      {
        call: 'setTimeout setInterval execScript',
        take: 'code',
        where: [{ arg: 0, is: 'built' }],
      },
      {
        call: 'setTimeout setInterval',
        take: 'code',
        where: [{ arg: 0, from: /^~?(?:location|document\.location|window\.location|req|request|ctx|event)\b.*\./ }],
      },
      { call: 'worker_threads.Worker Worker', take: 'code', where: [{ arg: 'eval', is: 'true' }] },
      {
        call: '*.evaluate *.evaluateHandle *.executeScript *.executeJavaScript *.$eval *.addScriptTag',
        take: 'code',
        where: [{ on: /page|browser|frame|driver|webContents|webview|window/i }],
        unless: [{ arg: 0, like: /^\(?(?:async )?(?:\(|function)/ }],
      },
    ],
    python: [
      {
        call: 'eval exec execfile code.interact code.InteractiveInterpreter().runsource code.InteractiveInterpreter().runcode code.InteractiveConsole().push runpy.run_path timeit.timeit timeit.repeat cProfile.run pandas.eval numexpr.evaluate types.FunctionType asteval.Interpreter() sympy.sympify sympy.parse_expr js2py.eval_js py_mini_racer.MiniRacer().eval execjs.eval execjs.compile js2py.EvalJs().eval dukpy.evaljs lupa.LuaRuntime().execute lupa.LuaRuntime().eval code.InteractiveConsole().runcode code.InteractiveConsole().runsource code.InteractiveInterpreter.runsource timeit.Timer trace.Trace().run cProfile.runctx profile.run bdb.Bdb().run pdb.run sympy.lambdify sympy.parsing.sympy_parser.parse_expr pandas.DataFrame().eval exec_ six.exec_ future.utils.exec_',
        take: 'code',
        args: [0, 'stmt', 'setup', 'source', 'expr'],
      },
      { call: 'exec', where: [{ arg: 0, is: 'constant' }] },
      { call: 'eval', where: [{ arg: 0, like: /os\.|__|import|open\(/ }] },
      { call: 'compile', take: 'code', where: [{ arg: 2, like: /exec|eval|single/ }] },
      {
        call: '*.runsource *.runcode *.run_cell *.execute_script *.evaluate',
        take: 'code',
        where: [{ on: /interp|shell|ipython|driver|page|console/i }],
        unless: [{ arg: 0, is: 'constant' }],
      },
    ],
    go: [
      {
        call: '*.Eval *.EvalContext *.EvalString *.DoExpr *.ExecString *.EvalWithContext *.RunString *.RunScript *.DoString *.RunProgram *.Evaluate',
        take: 'code',
      },
      {
        call: '*.Run *.Call *.Compile *.ExecFile *.Exec',
        take: 'code',
        where: [{ on: /otto|goja|v8go|gopher-?lua|starlark|tengo|yaegi|interp|cel\b|expr\b/ }],
      },
    ],
    ruby: [
      {
        call: 'eval instance_eval class_eval module_eval Kernel.eval binding.eval TOPLEVEL_BINDING.eval RubyVM.InstructionSequence.compile Binding.eval MiniRacer.Context.new().eval ExecJS.eval ExecJS.exec',
        take: 'code',
      },
      {
        call: '*.eval *.instance_eval *.class_eval *.module_eval *.instance_exec *.compile_string *.irb_eval',
        take: 'code',
      },
      {
        call: 'send public_send __send__ *.send *.public_send *.__send__ *.const_get *.constantize *.method *.instance_variable_get *.define_method',
        take: 'code',
        args: [0],
        where: [{ arg: 0, is: 'dynamic' }],
      },
      { call: '*.constantize *.safe_constantize', take: 'code', args: ['receiver'] },
    ],
    java: [
      {
        call: '*.eval',
        take: 'code',
        where: [{ on: /[Ee]ngine|getEngineBy\w*\(\)|[Ss]hell|[Cc]ontext|[Ss]cript|jexl|mvel|Ognl/ }],
      },
      {
        call: 'GroovyShell().evaluate GroovyShell().parse GroovyShell().run Eval.me MVEL.eval MVEL.executeExpression Ognl.getValue Ognl.parseExpression Interpreter().eval Context.eval',
        take: 'code',
        args: [0, 1],
      },
      {
        call: '*.parseExpression *.createExpression *.parseRaw *.evaluateExpression *.createValueExpression',
        take: 'code',
        args: [0, 1],
      },
      { call: '*.evaluate', take: 'code', where: [{ on: /[Ss]hell|[Gg]roovy|[Jj]exl|[Ss]cript|expr/ }] },
    ],
    bash: [],
  },
  examples: {
    javascript: {
      bad: [
        'export const calc = (s) => eval(s)',
        'const run = globalThis["ev" + "al"]\nrun(input.code)',
        '(0, eval)(body.expr)',
        'const f = new Function("a", "return " + rule)',
        'import vm from "node:vm"\nexport const go = (s) => new vm.Script(s).runInThisContext()',
        'setInterval("tick(" + n + ")", 10)',
      ],
      good: [
        'const v = JSON.parse(s)',
        'setTimeout(() => go(x), 10)',
        'const m = { eval: (t) => t.length }\nm.eval(tree)',
        'const { x } = await import("./x.js")',
      ],
    },
    python: {
      bad: [
        'def calc(e):\n    return eval(e)',
        'import builtins\nf = builtins.exec\nf(source)',
        'exec(base64.b64decode(blob))',
      ],
      good: [
        'import ast\ndef calc(e):\n    return ast.literal_eval(e)',
        'model.eval()',
        'df.eval("a = b + c")',
        're.compile(pattern)',
      ],
    },
    go: {
      bad: ['package p\nimport "github.com/dop251/goja"\nfunc f(s string) { vm := goja.New(); vm.RunString(s) }'],
      good: [],
    },
    ruby: {
      bad: [
        'def calc(e)\n  eval(e)\nend',
        'obj.send(params[:m], 1)',
        'params[:type].constantize.new',
        'obj.instance_eval(code)',
      ],
      good: ['obj.send(:name)', 'Integer(params[:n])', 'obj.public_send("to_s")'],
    },
    java: {
      bad: [
        'class A { Object f(String s) throws Exception { return new ScriptEngineManager().getEngineByName("js").eval(s); } }',
        'class A { Object f(String s) { return new SpelExpressionParser().parseExpression(s).getValue(); } }',
      ],
      good: ['class A { Object f(String s) { return new ObjectMapper().readTree(s); } }'],
    },
  },
}

/** A text with chosen parts is the template itself, not a value in it. */
export const TEMPLATE: Rule = {
  id: 'code.dangerous_execution.template',
  severity: 'high',
  cwe: 1336,
  title: 'A template is made of text that somebody else chooses',
  fix: UNTRUSTED_TEMPLATE,
  sinks: {
    javascript: [
      {
        call: 'ejs.render ejs.compile ejs.renderAsync liquidjs.Liquid().parseAndRender liquidjs.Liquid().parseAndRenderSync marko.load vash.compile haml.compile hogan.compile Hogan.compile just.render template7.compile edge.js.renderRaw nunjucks.compile nunjucks.Template Eta().compile pug.render pug.compile jade.render jade.compile Handlebars.compile Handlebars.precompile Handlebars.template handlebars.compile handlebars.precompile nunjucks.renderString nunjucks.compile _.template doT.template dot.template eta.renderString eta.compile Eta().renderString swig.render twig.twig velocityjs.render squirrelly.render dustjs.compile lodash.template underscore.template art-template.render hogan.js.compile',
        take: 'code',
      },
      {
        call: '*.renderString *.renderSource *.renderStringAsync *.parseAndRender *.parseAndRenderSync *.renderRaw *.compileString',
        take: 'code',
      },
    ],
    python: [
      {
        call: 'flask.render_template_string jinja2.Template jinja2.Environment().from_string jinja2.NativeEnvironment().from_string mako.template.Template Template.compile django.template.Template tornado.template.Template chameleon.PageTemplate Cheetah.Template.Template bottle.SimpleTemplate bottle.template genshi.template.MarkupTemplate genshi.template.TextTemplate genshi.template.NewTextTemplate jinja2.Environment.from_string flask.stream_template_string flask.render_template_string quart.render_template_string chameleon.PageTextTemplate web.template.Template airspeed.Template django.template.engines.from_string django.template.Engine().from_string tornado.template.Template Cheetah.Template.Template.compile',
        take: 'code',
      },
      { call: '*.from_string *.render_string', take: 'code', where: [{ on: /env|jinja|engine|templ|sandbox/i }] },
    ],
    go: [
      {
        call: '*.Parse',
        take: 'code',
        where: [{ on: /template\.(?:New|Must)\(\)|tmpl|templ|(?:Funcs|Delims|Option)\(\)$/ }],
      },
    ],
    ruby: [
      {
        call: 'ERB ERB.new Erubis.Eruby.new Erubi.Engine.new Slim.Template.new Haml.Engine.new Haml.Template.new Tilt.new Tilt.ERBTemplate.new Erubi.Engine Liquid.Template.parse Slim.Template Haml.Engine Tilt.LiquidTemplate.new ActionView.Template.new Erubis.FastEruby.new',
        take: 'code',
      },
      { call: 'render render_to_string *.render', take: 'code', args: ['inline'] },
      { call: 'erb haml slim liquid', take: 'code', where: [{ arg: 0, is: 'built' }] },
    ],
    java: [
      { call: 'Velocity.evaluate *.evaluate', take: 'code', args: [3], where: [{ on: /[Vv]elocity|engine/i }] },
      { call: 'Template', take: 'code', args: [0, 1], where: [{ arg: 1, is: 'given' }] },
      {
        call: '*.process *.compileInline *.getLiteralTemplate',
        take: 'code',
        where: [{ on: /[Tt]emplateEngine|[Hh]andlebars|[Pp]ebble/ }],
        args: [0],
      },
    ],
  },
  examples: {
    javascript: {
      bad: ['import ejs from "ejs"\nexport const page = (t) => ejs.render("<p>" + t + "</p>", {})'],
      good: ['import ejs from "ejs"\nejs.render("<p><%= t %></p>", { t })'],
    },
    python: {
      bad: [
        'from flask import render_template_string\ndef hi(n):\n    return render_template_string("<p>" + n)',
        'import jinja2\nenv = jinja2.Environment()\ndef f(t):\n    return env.from_string(t).render()',
      ],
      good: [
        'from flask import render_template\ndef hi(n):\n    return render_template("hi.html", n=n)',
        'from flask import render_template_string\ndef hi(n):\n    return render_template_string("<p>{{ n }}", n=n)',
      ],
    },
    go: {
      bad: ['package p\nimport "text/template"\nfunc f(s string) { template.New("x").Parse("<p>" + s) }'],
      good: ['package p\nimport "text/template"\nfunc f() { template.New("x").Parse("<p>{{.}}") }'],
    },
    ruby: {
      bad: ['ERB.new("<p>" + name).result', 'render inline: "<p>#{name}</p>"'],
      good: ['ERB.new("<p><%= name %>").result_with_hash(name: name)'],
    },
  },
}
