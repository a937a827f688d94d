import type { Rule } from '../rule.ts'

const SAFE_LOADER =
  /Safe(?:Loader|Constructor)|BaseLoader|CSafe|CBase|JSON_SCHEMA|FAILSAFE|CORE_SCHEMA|DEFAULT_SAFE|DEFAULT_SCHEMA|^safe$|^rt$/

/** Loaders that make objects, and run code, as the data says. */
export const OBJECTS: Rule = {
  id: 'code.deserialization.objects',
  severity: 'high',
  cwe: 502,
  title: 'Data decides which objects are made',
  fix: 'Use a format of plain data (JSON, safe_load, weights_only=True) and check it against a schema.',
  sinks: {
    javascript: [
      {
        call: 'node-serialize.unserialize serialize-to-js.deserialize serialize-to-js.unserialize v8.deserialize v8.Deserializer funcster.deepDeserialize cryo.parse serialijse.deserialize serialize-javascript.deserialize js-yaml.unsafeLoad js-yaml.unsafeLoadAll seroval.deserialize node-serialize.deserialize',
      },
      { call: 'unserialize deepDeserialize' },
      {
        call: 'js-yaml.load js-yaml.loadAll',
        where: [{ arg: 'schema', like: /FULL|UNSAFE|unsafe|js-yaml-js-types|DEFAULT_FULL/ }],
      },
      { call: '*.extend', where: [{ on: /js-yaml.*SCHEMA/ }, { arg: 0, like: /js-yaml-js-types|\.all|function/ }] },
      { call: '*.unserialize *.deepDeserialize *.unsafeLoad' },
      { call: '*.deserialize', where: [{ on: /^(?:v8|serialize|node-serialize|serialijse|cryo|funcster)/ }] },
    ],
    python: [
      {
        call: 'pickle.load pickle.loads pickle.Unpickler dill.load dill.loads dill.Unpickler cloudpickle.load cloudpickle.loads marshal.load marshal.loads shelve.open shelve.DbfilenameShelf jsonpickle.decode jsonpickle.loads jsonpickle.unpickler.decode jsonpickle.unpickler.Unpickler joblib.load pandas.read_pickle pandas.compat.pickle_compat.load yaml.unsafe_load yaml.unsafe_load_all yaml.full_load yaml.full_load_all klepto.archives compress_pickle.load compress_pickle.loads hickle.load pyarrow.deserialize srsly.pickle_loads sklearn.externals.joblib.load kombu.serialization.pickle_loads pickle5.loads mlflow.pyfunc.load_model django.core.signing.PickleSerializer celery.utils.serialization.unpickle twisted.spread.jelly.unjelly zodbpickle.loads _pickle.loads statsmodels.api.load statsmodels.iolib.smpickle.load_pickle dill.load_session dill.load_module dill.load_module_asdict cloudpickle.Unpickler pandas.io.pickle.read_pickle jsonpickle.unpickler.Unpickler().restore shelve.Shelf shelve.BsdDbShelf pickle._Unpickler pickle._loads pickle._load multiprocessing.reduction.ForkingPickler.loads joblib.externals.cloudpickle.loads PyYAML.load gensim.utils.unpickle gensim.models.Word2Vec.load fairseq.checkpoint_utils.load_checkpoint_to_cpu paddle.load',
      },
      {
        call: 'yaml.load yaml.load_all',
        unless: [
          { arg: 'Loader', like: SAFE_LOADER },
          { arg: 1, like: SAFE_LOADER },
        ],
      },
      { call: 'ruamel.yaml.YAML', where: [{ arg: 'typ', like: /^unsafe$/ }] },
      { call: 'ruamel.yaml.YAML', where: [{ arg: 0, like: /^unsafe$/ }] },
      {
        call: '*.loads *.load',
        where: [{ on: /(?:^|[._])(?:pickle|dill|cloudpickle|cPickle|_pickle|marshal|joblib)\w*$/ }],
      },
      { call: '*.load', where: [{ on: /Unpickler\(\)$/ }] },
      { call: 'torch.load', unless: [{ arg: 'weights_only', is: 'true' }] },
      { call: 'numpy.load', where: [{ arg: 'allow_pickle', is: 'true' }] },
      { call: '*.load_model *.load_pickle', where: [{ arg: 'safe_mode', is: 'false' }] },
      {
        call: 'tensorflow.keras.models.load_model keras.models.load_model tf.keras.models.load_model',
        where: [{ arg: 'safe_mode', is: 'false' }],
      },
      { call: '*.from_pretrained', where: [{ arg: 'trust_remote_code', is: 'true' }] },
      { call: '*.recv_pyobj' },
      { call: '*.read_pickle', where: [{ on: /^(?:pd|pandas|df|cudf|dask)/ }] },
    ],
    go: [
      { call: 'encoding/gob.NewDecoder' },
      { call: 'gob.NewDecoder' },
      {
        call: 'github.com/hydrogen18/stalecucumber.Unpickle github.com/nlpodyssey/gopickle/pickle.Loads github.com/nlpodyssey/gopickle/pickle.Load github.com/nlpodyssey/gopickle/pickle.NewUnpickler',
      },
    ],
    ruby: [
      {
        call: 'Marshal.load Marshal.restore YAML.unsafe_load YAML.unsafe_load_file Psych.unsafe_load Psych.unsafe_load_file JSON.restore Oj.object_load PStore.new YAML.Store.new Marshal.load_file YAML.unsafe_load_stream ActiveSupport.MarshalSerializer.load Syck.load Syck.load_file YAML.load_dj YAML.unsafe_load_all Kernel.Marshal.load',
        unless: [{ arg: 0, is: 'constant' }],
      },
      {
        call: 'YAML.load Psych.load YAML.load_stream YAML.load_documents Psych.load_stream YAML.load_file Psych.load_file',
        unless: [
          { arg: 0, is: 'constant' },
          { arg: 'permitted_classes', is: 'given' },
          { arg: 'safe', is: 'true' },
        ],
      },
      {
        call: 'JSON.load',
        unless: [
          { arg: 0, is: 'constant' },
          { arg: 'create_additions', is: 'false' },
        ],
      },
      { call: 'JSON.parse JSON.parse!', where: [{ arg: 'create_additions', is: 'true' }] },
      { call: 'JSON.unsafe_load', unless: [{ arg: 0, is: 'constant' }] },
      {
        call: 'ActiveSupport.MessageVerifier.new ActiveSupport.MessageEncryptor.new',
        where: [{ arg: 'serializer', like: /^(?:Marshal|:?marshal)$/ }],
      },
      { call: 'Oj.load', unless: [{ arg: 'mode', like: /^(?:strict|compat|null|rails|json|custom)$/ }] },
      { call: 'Ox.parse_obj Ox.load', unless: [{ arg: 'mode', like: /^(?:hash|generic|limited)/ }] },
    ],
    java: [
      {
        call: 'ObjectInputStream().readObject ObjectInputStream().readUnshared XMLDecoder().readObject XMLDecoder HessianInput().readObject Hessian2Input().readObject Kryo().readObject Kryo().readClassAndObject SerializationUtils.deserialize JsonReader.jsonToJava BurlapInput().readObject FSTConfiguration.asObject JsonReader().jsonToJava Hessian2Input().readObject Kryo().readObjectOrNull SerializationHelper.deserialize ObjectUtils.deserialize SerializeUtil.deserialize ObjectSerializer.deserialize JdkSerializationRedisSerializer JdkSerializationRedisSerializer().deserialize',
      },
      {
        call: '*.readObject *.readUnshared',
        unless: [{ on: /[jJ]son/ }],
        where: [
          { on: /[Oo]bj(?:ect)?(?:In)?(?:put)?(?:Stream)?(?:\(\))?$|^ois$|^in(?:put)?$|Decoder(?:\(\))?$|hessian/i },
        ],
      },
      { call: '*.fromXML *.readClassAndObject *.readObjectOrNull', unless: [{ on: /^\$hardened/ }] },
      { call: 'Yaml().load Yaml().loadAll Yaml().loadAs', unless: [{ arg: 'receiver', like: SAFE_LOADER }] },
      { call: '*.enableDefaultTyping *.activateDefaultTyping' },
      {
        call: 'JSON.parseObject JSON.parse ParserConfig.getGlobalInstance().setAutoTypeSupport',
        where: [{ arg: 1, like: /SupportAutoType|Feature/ }],
      },
      { call: 'JsonTypeInfo', where: [{ arg: 'use', like: /Id\.(?:MINIMAL_)?CLASS$|^(?:MINIMAL_)?CLASS$/ }] },
      { call: '*.setAutoTypeSupport', where: [{ arg: 0, is: 'true' }] },
    ],
    bash: [],
  },
  settings: [
    {
      name: /^(?:(?:CELERY_)?(?:task|result|event)_serializer|(?:CELERY_)?accept_content|SESSION_SERIALIZER)$/i,
      like: /pickle/i,
      languages: ['python'],
    },
    { name: /^cookies_serializer$/, like: /^(?:marshal|hybrid)$/, languages: ['ruby'] },
  ],
  examples: {
    javascript: {
      bad: [
        'import { unserialize } from "node-serialize"\nexport const load = (s) => unserialize(s)',
        'import v8 from "node:v8"\nv8.deserialize(buf)',
      ],
      good: ['JSON.parse(s)', 'import yaml from "js-yaml"\nyaml.load(s)', 'import v8 from "node:v8"\nv8.serialize(x)'],
    },
    python: {
      bad: [
        'from pickle import loads as l\nl(data)',
        'import yaml\nyaml.load(text)',
        'import torch\ntorch.load(path)',
        'import numpy as np\nnp.load(f, allow_pickle=True)',
        'import dill\nwith open(p, "rb") as f:\n    dill.load(f)',
      ],
      good: [
        'import yaml\nyaml.load(text, Loader=yaml.SafeLoader)',
        'import torch\ntorch.load(p, weights_only=True)',
        'import json\njson.loads(s)',
        'import pickle\npickle.dumps(x)',
      ],
    },
    go: {
      bad: ['package p\nimport "encoding/gob"\nfunc f(r io.Reader) { gob.NewDecoder(r).Decode(&x) }'],
      good: ['package p\nimport "encoding/json"\nfunc f(r io.Reader) { json.NewDecoder(r).Decode(&x) }'],
    },
    ruby: {
      bad: ['Marshal.load(cookies[:s])', 'YAML.load(body)'],
      good: ['YAML.safe_load(body)', 'JSON.parse(body)', 'Marshal.dump(x)'],
    },
    java: {
      bad: [
        'class A { Object f(InputStream i) throws Exception { ObjectInputStream s = new ObjectInputStream(i); return s.readObject(); } }',
        'class A { Object f(String s) { return new Yaml().load(s); } }',
      ],
      good: ['class A { Object f(String s) { return new Yaml(new SafeConstructor(new LoaderOptions())).load(s); } }'],
    },
  },
}
